/**
 * A flip in a real workbench as an animated picture: `npm run animation -- [--vsix FILE]`. It goes to docs/pictures with a
 * still for who prefers no motion; the single frames go to test/e2e/work/animation.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Film } from "./film.mjs";
import { makePackage } from "./makePackage.mjs";
import { missing, project, work } from "./paths.mjs";
import { flipped } from "./scenarios/steps.mjs";
import { setTheme } from "./themes.mjs";
import { sleep, Workbench } from "./workbench.mjs";

/** What a picture in a page may weigh. */
const mostBytes = 2e6;
/** How long a key, a look and a sentence take, in milliseconds. */
const [key, look, read] = [70, 900, 3500];
const title = "ROME: Flip Gender";

/** Makes room in the sidebar, so that a card stands in it as a whole, and rests the mouse where it points at nothing. */
async function makeRoom() {
  const drag = async ([x, y], [toX, toY]) => {
    await bench.page.mouse.move(x, y);
    await bench.page.mouse.down();
    await bench.page.mouse.move(toX, toY, { steps: 5 });
    await bench.page.mouse.up();
  };
  const sidebar = await bench.page.locator(".part.sidebar").boundingBox();
  const middle = sidebar.y + sidebar.height / 2;
  await drag([sidebar.x + sidebar.width, middle], [sidebar.x + 400, middle]);
  const edits = await bench.page.locator(".pane-header", { hasText: "Edits" }).boundingBox();
  await drag([edits.x + 100, edits.y], [edits.x + 100, edits.y + 110]);
  await bench.page.mouse.move(sidebar.x + 700, middle);
}

const { values } = parseArgs({ options: { vsix: { type: "string" } } });
const reason = missing();
if (reason) {
  console.error(`No animation: ${reason}.`);
  process.exit(1);
}
const bench = await Workbench.open({
  vsix: values.vsix ?? makePackage(),
  name: "film",
  size: { width: 1000, height: 790 },
});
try {
  // The first flip starts the engine; it is not filmed.
  await setTheme(bench, "dark");
  await bench.command("ROME: Focus on Results View");
  await bench.openFile("people.txt", 3, 2);
  await bench.command(title);
  await flipped(bench, "Margaret");
  await bench.command("ROME: Undo All Edits");
  await bench.command("ROME: Clear Results");
  await bench.results().getByText("Flip a Name").waitFor();
  await bench.command("Notifications: Clear All Notifications");
  await bench.openFile("people.txt", 1, 2);
  await makeRoom();
  await sleep(look);

  const film = new Film(bench.page);
  await film.frame(look);
  await bench.palette("F1", ">");
  await film.frame(4 * key);
  for (let typed = 1; typed <= title.length; typed++) {
    await bench.input().fill(`>${title.slice(0, typed)}`);
    await bench.row("ROME").waitFor();
    await film.frame(key);
  }
  await bench.row(title).waitFor();
  await film.frame(look);
  await bench.page.keyboard.press("Enter");
  await film.during(flipped(bench, "Ben"));
  await sleep(look);
  await film.frame(read);
  const switched = bench.card("Ben").getByRole("checkbox", { name: "Edit on" });
  film.still(join(project, "docs/pictures/flip.png"));
  await switched.click();
  await bench.card("Ben").locator('.card-live[data-on="false"]').waitFor();
  await sleep(look);
  await film.frame(2 * look);
  await switched.click();
  await bench.card("Ben").locator('.card-live[data-on="true"]').waitFor();
  await sleep(look);
  await film.frame(read);

  const folder = join(work, "animation");
  rmSync(folder, { recursive: true, force: true });
  const frames = film.frames(folder);
  const { bytes, seconds } = await film.write(join(project, "docs/pictures/flip.webp"), 3);
  console.log(`docs/pictures/flip.webp: ${frames} frames, ${seconds.toFixed(1)} s, ${(bytes / 1e3).toFixed(0)} kB`);
  if (bytes > mostBytes) throw new Error(`It may have ${mostBytes / 1e3} kB at most.`);
} catch (error) {
  await bench.page.screenshot({ path: join(work, "failed-animation.png") });
  throw error;
} finally {
  await bench.close();
}
