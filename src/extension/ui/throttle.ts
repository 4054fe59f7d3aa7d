/** Calls at most once in an interval: at the first request's end of turn, then again if there were more. */
export function throttle(action: () => void, intervalMs: number): { request(): void; dispose(): void } {
  let timer: NodeJS.Timeout | undefined;
  let last = Number.NEGATIVE_INFINITY;
  return {
    request() {
      if (timer) return;
      const wait = Math.max(0, last + intervalMs - performance.now());
      timer = setTimeout(() => {
        timer = undefined;
        last = performance.now();
        action();
      }, wait);
    },
    dispose: () => clearTimeout(timer),
  };
}
