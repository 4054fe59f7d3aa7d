/** The four themes that every view is looked at in. */
export const themes = {
  dark: "Dark Modern",
  light: "Light Modern",
  "contrast-dark": "Dark High Contrast",
  "contrast-light": "Light High Contrast",
};

/** The files of the themes, by which the workbench marks itself. */
const themeFiles = {
  dark: "dark_modern",
  light: "light_modern",
  "contrast-dark": "hc_black",
  "contrast-light": "hc_light",
};

/** Changes the workbench's theme by the palette. */
export async function setTheme(bench, kind) {
  await bench.command("Preferences: Color Theme");
  await bench.input().fill(themes[kind]);
  await bench.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: themes[kind] }).first().click();
  await bench.page.locator(`.monaco-workbench[class*="themes-${themeFiles[kind]}-json"]`).waitFor();
  await bench.page.locator(".quick-input-widget").waitFor({ state: "hidden" });
}
