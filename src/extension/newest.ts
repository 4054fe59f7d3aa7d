/** Where runs may overlap only the newest one's answer counts: an older one may end after it. */
export class Newest {
  #last = 0;

  /** Begins a run; gives whether it is still the newest. */
  begin(): () => boolean {
    const turn = ++this.#last;
    return () => turn === this.#last;
  }
}
