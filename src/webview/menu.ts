/** A pop-up menu under a button: arrow keys, Home, End, Enter, Escape; closed by a click elsewhere. */
import { el } from "./dom.ts";

export interface MenuItem {
  readonly label: string;
  readonly act: () => void;
}

/** Opens the menu at `anchor`; focus goes back there when it closes. */
export function openMenu(anchor: HTMLElement, items: readonly MenuItem[]): void {
  const close = (): void => {
    menu.hidePopover();
    anchor.focus();
  };
  const buttons = items.map((item) =>
    el(
      "button",
      {
        type: "button",
        role: "menuitem",
        tabindex: "-1",
        onclick: () => {
          close();
          item.act();
        },
      },
      item.label,
    ),
  );
  const menu = el("div", { class: "menu", role: "menu", popover: "auto" }, ...buttons);
  menu.addEventListener("keydown", (event) => {
    const now = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) buttons.at(to % buttons.length)?.focus();
    else if (event.key === "Tab") close();
    else return;
    event.preventDefault();
  });
  menu.addEventListener("toggle", (event) => {
    if (event.newState === "open") return;
    menu.remove();
    anchor.setAttribute("aria-expanded", "false");
  });
  document.body.append(menu);
  menu.showPopover();
  anchor.setAttribute("aria-expanded", "true");
  const at = anchor.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const below = at.bottom + size.height <= window.innerHeight;
  menu.style.left = `${Math.max(4, Math.min(at.right, window.innerWidth - 4) - size.width)}px`;
  menu.style.top = `${below ? at.bottom : Math.max(4, at.top - size.height)}px`;
  buttons[0]?.focus();
}
