/** What long work does with what it has so far: so much is lost at most when the process is killed. */
const milliseconds = 60_000;

/** Does something when it is asked to, but not before a minute has passed since it began or was done last. */
export function onceAMinute(act: () => Promise<void>): () => Promise<void> {
  let done = performance.now();
  return async () => {
    if (performance.now() - done < milliseconds) return;
    await act();
    done = performance.now();
  };
}
