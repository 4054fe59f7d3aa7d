/** What is drawn on a canvas, as an SVG file: what charts and heat maps use of a canvas' context, and no more. */
import { hatched } from "./markers.ts";

interface Size {
  readonly width: number;
  readonly height: number;
}

/** @param draw draws on a canvas of this size in CSS pixels; what it gives back is called when the file is made */
export function drawnSvg(
  { width, height, background }: Size & { readonly background: string },
  draw: (context: CanvasRenderingContext2D) => undefined | (() => void),
): string {
  const recorder = new Recorder({ width, height });
  const done = draw(recorder.context);
  const page = `<rect width="${width}" height="${height}" ${painted("fill", background)}/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
${[page, ...recorder.elements].join("\n")}
</svg>
`;
  done?.();
  return svg;
}

/**
 * A real context, which keeps the state (colours, fonts, transforms) and measures texts, with the calls that paint written
 * down as elements. Paths are written in the canvas' own coordinates.
 */
class Recorder {
  readonly elements: string[] = [];
  readonly context: CanvasRenderingContext2D;
  readonly #real: CanvasRenderingContext2D;
  #path = "";
  /** Of the clipping region, and of those to come back to. */
  #clip = "";
  readonly #clips: string[] = [];

  constructor(size: Size) {
    const real = Object.assign(document.createElement("canvas"), size).getContext("2d");
    if (!real) throw new Error("The browser gives no canvas to draw on.");
    this.#real = real;
    const calls: Partial<Record<string | symbol, unknown>> = this.#calls();
    this.context = new Proxy(real, {
      get: (_, key) => {
        if (calls[key]) return calls[key];
        const value: unknown = Reflect.get(real, key, real);
        return typeof value === "function" ? value.bind(real) : value;
      },
      set: (_, key, value) => Reflect.set(real, key, value, real),
    });
  }

  #calls() {
    const real = this.#real;
    const line = (letter: string) => (x: number, y: number) => this.#add(letter, [x, y]);
    const rect = (x: number, y: number, w: number, h: number) => {
      this.#add("M", [x, y]);
      this.#add("L", [x + w, y], [x + w, y + h], [x, y + h]);
      this.#path += "Z";
    };
    const ellipse = (
      x: number,
      y: number,
      rx: number,
      ry: number,
      turn: number,
      from: number,
      to: number,
      back = false,
    ) => {
      const steps = 48;
      const whole = Math.abs(to - from) >= 2 * Math.PI ? 2 * Math.PI : back ? from - to : to - from;
      const reach = ((whole % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI) || (whole === 0 ? 0 : 2 * Math.PI);
      const points = Array.from({ length: steps + 1 }, (_, i): [number, number] => {
        const angle = from + ((back ? -1 : 1) * reach * i) / steps;
        const [a, b] = [rx * Math.cos(angle), ry * Math.sin(angle)];
        return [x + a * Math.cos(turn) - b * Math.sin(turn), y + a * Math.sin(turn) + b * Math.cos(turn)];
      });
      this.#add(this.#path === "" ? "M" : "L", ...points);
    };
    const inside = (w: number, h: number, draw: () => void) => {
      const before = this.#path;
      this.#path = "";
      if (w !== 0 && h !== 0) draw();
      this.#path = before;
    };
    return {
      save: () => {
        this.#clips.push(this.#clip);
        real.save();
      },
      restore: () => {
        this.#clip = this.#clips.pop() ?? "";
        real.restore();
      },
      clearRect: () => undefined,
      beginPath: () => {
        this.#path = "";
      },
      closePath: () => {
        this.#path += "Z";
      },
      moveTo: line("M"),
      lineTo: (x: number, y: number) => this.#add(this.#path === "" ? "M" : "L", [x, y]),
      bezierCurveTo: (...n: [number, number, number, number, number, number]) =>
        this.#add("C", [n[0], n[1]], [n[2], n[3]], [n[4], n[5]]),
      rect,
      ellipse,
      arc: (x: number, y: number, r: number, from: number, to: number, back?: boolean) =>
        ellipse(x, y, r, r, 0, from, to, back),
      fill: () => this.#paint("fill"),
      stroke: () => this.#paint("stroke"),
      fillRect: (x: number, y: number, w: number, h: number) =>
        inside(w, h, () => {
          rect(x, y, w, h);
          this.#paint("fill");
        }),
      strokeRect: (x: number, y: number, w: number, h: number) =>
        inside(w, h, () => {
          rect(x, y, w, h);
          this.#paint("stroke");
        }),
      clip: () => {
        const id = `clip${this.elements.length}`;
        this.elements.push(`<clipPath id="${id}"><path d="${this.#path}"${this.#clip}/></clipPath>`);
        this.#clip = ` clip-path="url(#${id})"`;
      },
      fillText: (text: string, x: number, y: number) => this.#write("fill", text, x, y),
      strokeText: (text: string, x: number, y: number) => this.#write("stroke", text, x, y),
    };
  }

  /** A piece of the path, its points where the transform puts them. */
  #add(letter: string, ...points: [x: number, y: number][]): void {
    const { a, b, c, d, e, f } = this.#real.getTransform();
    const placed = points.map(([x, y]) => `${short(a * x + c * y + e)} ${short(b * x + d * y + f)}`);
    this.#path += letter + placed.join(" ");
  }

  #paint(how: "fill" | "stroke"): void {
    if (this.#path === "") return;
    const other = how === "stroke" ? ' fill="none"' : "";
    this.elements.push(`<path d="${this.#path}" ${this.#style(how)}${other}${this.#clip}/>`);
  }

  #write(how: "fill" | "stroke", text: string, x: number, y: number): void {
    const { a, b, c, d, e, f } = this.#real.getTransform();
    const { font, textAlign, textBaseline } = this.#real;
    const [, bold, size, family] = /^(?:\w+ )*?(bold |\d{3} )?([\d.]+)px (.*)$/.exec(font) ?? [];
    const anchors: Partial<Record<CanvasTextAlign, string>> = { center: "middle", right: "end", end: "end" };
    const lowered = { middle: 0.35, top: 0.8, hanging: 0.8, bottom: -0.2, ideographic: -0.2, alphabetic: 0 };
    const matrix = [a, b, c, d, e, f].map(short).join(" ");
    const place = `x="${short(x)}" y="${short(y + lowered[textBaseline] * Number(size ?? 0))}"`;
    const letters = `font-family="${escaped(family ?? "")}" font-size="${size}"${bold ? ` font-weight="${bold.trim()}"` : ""}`;
    const anchor = ` text-anchor="${anchors[textAlign] ?? "start"}"`;
    const other = how === "stroke" ? ' fill="none"' : "";
    const moved = matrix === "1 0 0 1 0 0" ? "" : ` transform="matrix(${matrix})"`;
    const written = `<text ${place} ${letters}${anchor} ${this.#style(how)}${other}${moved}>${escaped(text)}</text>`;
    // The region is the canvas', whatever the text's own transform.
    this.elements.push(this.#clip ? `<g${this.#clip}>${written}</g>` : written);
  }

  /** The hatch of a colour as a pattern of the file; its id. */
  #hatch(colour = "none"): string {
    const id = `hatch${this.elements.length}`;
    const lines = [-6, 0, 6].map((shift) => `M${shift - 1} 7L${shift + 7} -1`).join("");
    // As a canvas reads the colour.
    this.#real.save();
    this.#real.strokeStyle = colour;
    const stroke = painted("stroke", String(this.#real.strokeStyle));
    this.#real.restore();
    this.elements.push(
      `<pattern id="${id}" width="6" height="6" patternUnits="userSpaceOnUse"><path d="${lines}" ${stroke} stroke-width="1.5"/></pattern>`,
    );
    return id;
  }

  #style(how: "fill" | "stroke"): string {
    const real = this.#real;
    const style = how === "fill" ? real.fillStyle : real.strokeStyle;
    const colour =
      style instanceof CanvasPattern
        ? `${how}="url(#${this.#hatch(hatched.get(style))})"`
        : painted(how, typeof style === "string" ? style : "none", real.globalAlpha);
    if (how === "fill") return colour;
    const dash = real.getLineDash();
    return `${colour} stroke-width="${short(real.lineWidth)}"${dash.length > 0 ? ` stroke-dasharray="${dash.join(" ")}"` : ""}`;
  }
}

/** A colour as every viewer of SVG reads it: without its opacity, which stands beside it. */
function painted(how: "fill" | "stroke", colour: string, alpha = 1): string {
  const [, kind, numbers = ""] = /^(rgba|color)\((?:srgb )?(.*)\)$/.exec(colour) ?? [];
  const [r, g, b, a = "1"] = numbers.split(/[\s,/]+/).filter((part) => part !== "");
  if (!kind) return `${how}="${escaped(colour)}"${alpha < 1 ? ` ${how}-opacity="${short(alpha)}"` : ""}`;
  const bytes = [r, g, b].map((part) => Math.round(Number(part) * (kind === "color" ? 255 : 1)));
  return `${how}="rgb(${bytes.join(",")})" ${how}-opacity="${short(Number(a) * alpha)}"`;
}

function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
