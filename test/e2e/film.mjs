/** Pictures of a page, one after the other, as one animated picture. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What is quieter than this would only blink, in milliseconds. */
const shortest = 40;

export class Film {
  #page;
  #frames = [];

  constructor(page) {
    this.#page = page;
  }

  /** Takes what the page shows and holds it so long, in milliseconds; the same picture again is only held longer. */
  async frame(hold) {
    const picture = await this.#page.screenshot({ caret: "initial" });
    const last = this.#frames.at(-1);
    if (last?.picture.equals(picture)) last.hold += hold;
    else this.#frames.push({ picture, hold });
  }

  /** Takes pictures until something has happened, each held as long as it took: what has no steps keeps its own pace. */
  async during(happening) {
    let over = false;
    const end = happening.finally(() => {
      over = true;
    });
    let begin = performance.now();
    while (!over) {
      await this.frame(0);
      const now = performance.now();
      this.#frames.at(-1).hold += now - begin;
      begin = now;
    }
    await end;
  }

  /** Writes an animated WebP, which stays at its last frame when it was shown so often; gives its size in bytes and how long it lasts, in seconds. */
  async write(file, plays) {
    const { default: sharp } = await import("sharp");
    const pictures = this.#frames.map(({ picture }) => picture);
    const delay = this.#frames.map(({ hold }) => Math.round(Math.max(shortest, hold)));
    const made = await sharp(pictures, { join: { animated: true } })
      .webp({ lossless: true, delay, loop: plays })
      .toBuffer();
    writeFileSync(file, made);
    return { bytes: made.length, seconds: delay.reduce((sum, each) => sum + each, 0) / 1000 };
  }

  /** Writes one picture (from 0; negative from the end). */
  still(file, index = -1) {
    writeFileSync(file, this.#frames.at(index).picture);
  }

  /** Writes every frame into a folder, to be looked at one by one. */
  frames(folder) {
    mkdirSync(folder, { recursive: true });
    for (const [i, { picture }] of this.#frames.entries())
      writeFileSync(join(folder, `${String(i).padStart(3, "0")}.png`), picture);
    return this.#frames.length;
  }
}
