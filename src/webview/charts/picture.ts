/** Pictures of shapes as files, in the editor's colours. */
import { fontSize, type Picture } from "../../text/picture.ts";
import type { Palette } from "../theme.ts";
import { pngBase64 } from "./png.ts";

/** The picture as a PNG file in base64, twice as fine as its units. */
export function picturePng({ width, height, shapes }: Picture, palette: Palette): string {
  const scale = 2;
  const canvas = document.createElement("canvas");
  canvas.width = scale * width;
  canvas.height = scale * height;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The browser gives no canvas to draw on.");
  context.scale(scale, scale);
  context.fillStyle = palette.background;
  context.fillRect(0, 0, width, height);
  for (const shape of shapes) {
    context.fillStyle = palette[shape.colour];
    if (shape.kind === "rect") {
      context.globalAlpha = shape.opacity;
      context.fillRect(shape.x, shape.y, shape.width, shape.height);
      context.globalAlpha = 1;
    } else {
      context.font = `${shape.bold ? "600 " : ""}${fontSize}px ${palette.fontFamily}`;
      context.textAlign = shape.anchor === "middle" ? "center" : shape.anchor;
      context.fillText(shape.text, shape.x, shape.y);
    }
  }
  return pngBase64(canvas);
}
