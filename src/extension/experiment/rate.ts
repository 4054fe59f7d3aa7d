/** Speed and remaining time of a counted job, over a window of recent progress so that an uneven start is forgotten. */
export class Rate {
  readonly #samples: { time: number; done: number }[] = [];

  /** @param now milliseconds; @param windowMs how far back progress counts */
  constructor(
    private readonly now: () => number = () => performance.now(),
    private readonly windowMs = 20_000,
  ) {}

  /** Takes the new count; gives units a second and seconds left, null before two counts were seen. */
  update(done: number, total: number): { perSecond: number | null; secondsLeft: number | null } {
    // Its size is not known yet: what is told first may have been done earlier.
    if (total === 0) return { perSecond: null, secondsLeft: null };
    const time = this.now();
    this.#samples.push({ time, done });
    while (this.#samples.length > 2 && time - this.#samples[0]!.time > this.windowMs) this.#samples.shift();
    const first = this.#samples[0]!;
    const seconds = (time - first.time) / 1000;
    if (seconds <= 0 || done <= first.done) return { perSecond: null, secondsLeft: null };
    const perSecond = (done - first.done) / seconds;
    return { perSecond, secondsLeft: (total - done) / perSecond };
  }
}
