/** Pictures of canvases as files. */
import type { Palette } from "../theme.ts";

/** What a canvas shows, on the page's background, as a PNG file in base64. */
export function canvasPng(canvas: HTMLCanvasElement, palette: Palette): string {
  const copy = document.createElement("canvas");
  copy.width = canvas.width;
  copy.height = canvas.height;
  const context = copy.getContext("2d");
  if (!context) throw new Error("The browser gives no canvas to draw on.");
  context.fillStyle = palette.background;
  context.fillRect(0, 0, copy.width, copy.height);
  context.drawImage(canvas, 0, 0);
  return pngBase64(copy);
}

/** A canvas as a PNG file in base64. */
export function pngBase64(canvas: HTMLCanvasElement): string {
  return canvas.toDataURL("image/png").replace(/^data:image\/png;base64,/, "");
}
