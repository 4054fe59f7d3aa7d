/** The hover's picture has the colours of the lab's charts, in each of the default themes. */
import { expect, it } from "vitest";
import { palettes } from "../../src/extension/language/hoverPicture.ts";
import themes from "../webview/themes.json" with { type: "json" };

it.each([
  ["dark", "dark"],
  ["light", "light"],
  ["highContrastDark", "highContrast"],
  ["highContrastLight", "highContrastLight"],
] as const)("each direction has one colour everywhere: %s", (palette, theme) => {
  const { "--vscode-charts-blue": blue, "--vscode-charts-yellow": yellow } = themes[theme];
  expect(palettes[palette]).toMatchObject({ first: blue, second: yellow });
});
