/** Adam (Kingma & Ba 2015) on one vector that starts at 0; β 0.9 / 0.999, ε 1e-8, in double precision. */
export class Adam {
  readonly delta: Float64Array;
  readonly #mean: Float64Array;
  readonly #square: Float64Array;
  #steps = 0;

  constructor(
    width: number,
    readonly rate: number,
  ) {
    this.delta = new Float64Array(width);
    this.#mean = new Float64Array(width);
    this.#square = new Float64Array(width);
  }

  /**
   * @param gradient its component j
   * @param rate of this step, where it changes on the way
   */
  step(gradient: (j: number) => number, rate = this.rate): void {
    this.#steps++;
    const [beta1, beta2] = [0.9, 0.999];
    const correction1 = 1 - beta1 ** this.#steps;
    const correction2 = 1 - beta2 ** this.#steps;
    for (let j = 0; j < this.delta.length; j++) {
      const g = gradient(j);
      const mean = beta1 * (this.#mean[j] as number) + (1 - beta1) * g;
      const square = beta2 * (this.#square[j] as number) + (1 - beta2) * g * g;
      this.#mean[j] = mean;
      this.#square[j] = square;
      this.delta[j] =
        (this.delta[j] as number) - (rate * mean) / correction1 / (Math.sqrt(square / correction2) + 1e-8);
    }
  }
}
