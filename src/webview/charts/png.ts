/** Pictures of canvases as files. */
/** A canvas as a PNG file in base64. */
export function pngBase64(canvas: HTMLCanvasElement): string {
  return canvas.toDataURL("image/png").replace(/^data:image\/png;base64,/, "");
}
