/** Takes a picture of every snapshot in every theme and width. */
import { join } from "node:path";
import { comparisonSnapshots } from "./comparisonSnapshots.ts";
import { editFileSnapshots } from "./editFileSnapshots.ts";
import { labSnapshots } from "./labSnapshots.ts";
import { launch, send, servePages, type ThemeKind, themeKinds, type ViewName, watch } from "./page.ts";
import { resultsSnapshots } from "./resultsSnapshots.ts";

interface Picture {
  readonly view: ViewName;
  readonly name: string;
  readonly width: number;
  readonly messages: readonly unknown[];
}

const pictures: Picture[] = [
  ...Object.entries(resultsSnapshots).flatMap(([name, message]) =>
    [300, 420].map((width): Picture => ({ view: "results", name, width, messages: [message] })),
  ),
  ...Object.entries(labSnapshots).flatMap(([name, messages]) =>
    [900, 500, 300].map((width): Picture => ({ view: "lab", name, width, messages })),
  ),
  ...Object.entries(editFileSnapshots).flatMap(([name, message]) =>
    [900, 500].map((width): Picture => ({ view: "editFile", name, width, messages: [message] })),
  ),
  ...Object.entries(comparisonSnapshots).flatMap(([name, message]) =>
    [900, 500].map((width): Picture => ({ view: "comparison", name, width, messages: [message] })),
  ),
];

/** @returns the exit status: 1 when a page wrote an error or a CSP violation to its console */
export async function takePictures(root: string, out: string, filter: string): Promise<number> {
  const browser = await launch(root);
  if (typeof browser === "string") {
    console.error(`Cannot take pictures: ${browser}.`);
    return 1;
  }
  const server = await servePages(join(root, "dist"));
  let troubles = 0;
  for (const picture of pictures) {
    for (const kind of Object.keys(themeKinds) as ThemeKind[]) {
      const file = `${picture.view}-${picture.name}-${picture.width}-${kind}`;
      if (!file.includes(filter)) continue;
      const page = await browser.newPage({ viewport: { width: picture.width, height: 640 }, deviceScaleFactor: 1.5 });
      watch(page, (text) => {
        troubles++;
        console.error(`${file}: ${text}`);
      });
      await page.goto(`${server.url}/${picture.view}?${kind}`);
      for (const message of picture.messages) await send(page, message);
      await page.waitForTimeout(150);
      await page.screenshot({ path: join(out, `${file}.png`), fullPage: true });
      await page.close();
    }
  }
  server.close();
  await browser.close();
  return troubles > 0 ? 1 : 0;
}
