import { t } from "@vscode/l10n";
import type { ExplainedPage } from "../../protocol/lab.ts";
import { textButton } from "../controls.ts";
import { el } from "../dom.ts";
import type { Lab } from "./lab.ts";

/** What a tab shows, in a sentence or two, and the way to the page about it. */
export function explained({ host }: Pick<Lab, "host">, text: string, page: ExplainedPage): HTMLElement {
  const more = textButton(t("More about this"), () => host.post({ type: "explain", page }));
  return el("p", { class: "quiet" }, `${text} `, more);
}
