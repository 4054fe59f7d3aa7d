/** The names selected in every chart and table of the lab: none, one, or two to compare. */
export class Selection {
  #names: readonly string[] = [];
  readonly #listeners: (() => void)[] = [];

  get names(): readonly string[] {
    return this.#names;
  }

  has(name: string): boolean {
    return this.#names.includes(name);
  }

  /** At most the last two are kept. */
  set(names: readonly string[]): void {
    const next = names.slice(-2);
    if (next.join("\n") === this.#names.join("\n")) return;
    this.#names = next;
    for (const listener of this.#listeners) listener();
  }

  /** Adds a name beside the last one, or takes it out. */
  toggle(name: string): void {
    this.set(this.has(name) ? this.#names.filter((other) => other !== name) : [...this.#names.slice(-1), name]);
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }
}
