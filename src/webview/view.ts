/** A piece of the page that is drawn from a value, and drawn again in place when a newer value comes. */
export interface View<T> {
  readonly element: HTMLElement;
  update(value: T): void;
  /** Releases what outlives the element (charts, observers). */
  dispose?(): void;
}

/**
 * Keeps one view for each item of a list, by key and in order. A view whose key stays is updated, never rebuilt, so that
 * focus, scroll and a half-done click survive a snapshot.
 *
 * @returns a function that takes the list as it is now
 */
export function keyedList<T>(
  container: HTMLElement,
  keyOf: (item: T) => string,
  create: (item: T) => View<T>,
): (items: readonly T[]) => void {
  const views = new Map<string, View<T>>();
  return (items) => {
    const keys = new Set(items.map(keyOf));
    for (const [key, view] of views) {
      if (keys.has(key)) continue;
      view.dispose?.();
      view.element.remove();
      views.delete(key);
    }
    items.forEach((item, position) => {
      const key = keyOf(item);
      const view = views.get(key) ?? create(item);
      views.set(key, view);
      view.update(item);
      const there = container.children[position];
      if (there !== view.element) container.insertBefore(view.element, there ?? null);
    });
  };
}
