/**
 * The controls of both views. This is the only file that knows @vscode/webview-ui-toolkit (archived): a successor goes
 * in here. What the toolkit lacks (sliders, number fields) is the browser's own, dressed in controls.css.
 */
import "./nonce.ts";

import {
  type Button,
  type Checkbox,
  type Dropdown,
  type Panels,
  provideVSCodeDesignSystem,
  type TextField,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodePanels,
  vsCodePanelTab,
  vsCodePanelView,
  vsCodeTextField,
} from "@vscode/webview-ui-toolkit";
import { el, setAttribute } from "./dom.ts";
import { type IconName, icon } from "./icons.ts";

provideVSCodeDesignSystem().register(
  vsCodeButton(),
  vsCodeCheckbox(),
  vsCodeDropdown(),
  vsCodeOption(),
  vsCodePanels(),
  vsCodePanelTab(),
  vsCodePanelView(),
  vsCodeTextField(),
);

/** A push button. */
export function button(text: string, act: () => void, appearance: "primary" | "secondary" = "primary"): Button {
  return el("vscode-button", { appearance, onclick: act }, text) as Button;
}

/** A small button with an icon; `label` is its name and tooltip. */
export function iconButton(name: IconName, label: string, act: (button: Button) => void): Button {
  const made = el(
    "vscode-button",
    { appearance: "icon", "aria-label": label, title: label, onclick: () => act(made) },
    icon(name),
  ) as Button;
  return made;
}

/** A button that looks like a link: for the quiet actions inside text. */
export function textButton(text: string, act: () => void, hint?: string): HTMLButtonElement {
  return el("button", { type: "button", class: "text-button", title: hint, onclick: act }, text);
}

/** A check box; `change` gets the new state, only when the user changed it. */
export function checkbox(
  text: string,
  change: (on: boolean) => void,
  /** Its whole name, where the text alone does not say whose it is. */
  label: string = text,
): { element: Checkbox; set(on: boolean): void } {
  const element = el("vscode-checkbox", { "aria-label": label }, text) as Checkbox;
  // The toolkit's names itself by its text whenever it comes into the page.
  const rename = new MutationObserver(() => setAttribute(element, "aria-label", label));
  rename.observe(element, { attributeFilter: ["aria-label"] });
  let known = false;
  element.addEventListener("change", () => {
    if (element.checked === known) return;
    known = element.checked;
    change(known);
  });
  return {
    element,
    set(on) {
      known = on;
      if (element.checked !== on) element.checked = on;
    },
  };
}

/** A one-line text field with its label above. `change` is called at each keystroke. */
export function textField(
  label: string,
  change: (text: string) => void,
  placeholder = "",
): {
  element: TextField;
  get(): string;
  set(text: string): void;
  /** What is wrong with it, said with the field; "" for nothing. */
  setProblem(problem: string): void;
} {
  const element = el(
    "vscode-text-field",
    { class: "text-field", placeholder, spellcheck: "false" },
    label,
  ) as TextField;
  element.addEventListener("input", () => change(element.value));
  return {
    element,
    get: () => element.value,
    set(text) {
      if (element.value !== text) element.value = text;
    },
    setProblem(problem) {
      // Texts outside its shadow tree cannot be referred to, so the input carries its own description.
      const input = element.shadowRoot?.querySelector("input");
      for (const part of input ? [element, input] : [element]) {
        setAttribute(part, "aria-invalid", problem === "" ? null : "true");
        setAttribute(part, "aria-description", problem === "" ? null : problem);
      }
    },
  };
}

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** A drop-down list, named by `label`. */
export function dropdown(
  label: string,
  choices: readonly Choice[],
  change: (value: string) => void,
): { element: Dropdown; set(value: string): void; setChoices(choices: readonly Choice[]): void } {
  const element = el("vscode-dropdown", { "aria-label": label, title: label }) as Dropdown;
  let shown = "";
  const setChoices = (list: readonly Choice[]): void => {
    const now = JSON.stringify(list);
    if (now === shown) return;
    shown = now;
    const { value } = element;
    element.replaceChildren(
      ...list.map((choice) =>
        el("vscode-option", { value: choice.value, selected: choice.value === value }, choice.label),
      ),
    );
  };
  setChoices(choices);
  element.addEventListener("change", () => change(element.value));
  return {
    element,
    setChoices,
    set(value) {
      // The list knows its options only once it is in the page; until then the attribute of the option decides.
      for (const option of element.children) setAttribute(option, "selected", option.getAttribute("value") === value);
      if (element.isConnected && element.value !== value) element.value = value;
    },
  };
}

/** A list or a text area with its name in sight, above it as a text field's is. */
export function labelled(control: HTMLElement): HTMLElement {
  const name = el("span", { class: "label", "aria-hidden": "true" }, control.getAttribute("aria-label"));
  return el("div", { class: "labelled" }, name, control);
}

export interface Tab {
  readonly id: string;
  readonly title: string;
  readonly content: HTMLElement;
}

/** Tabs with their panels; arrow keys move between them. */
export function tabs(
  label: string,
  list: readonly Tab[],
  change: (id: string) => void,
): { element: Panels; set(id: string): void } {
  const element = el(
    "vscode-panels",
    { "aria-label": label },
    ...list.map((tab) => el("vscode-panel-tab", { id: `tab-${tab.id}` }, tab.title)),
    ...list.map((tab) => el("vscode-panel-view", { id: `view-${tab.id}` }, tab.content)),
  ) as Panels;
  element.addEventListener("change", (event) => {
    // Drop-downs inside a panel send their own change events up to here.
    if (event.target === element) change(element.activeid.replace(/^tab-/, ""));
  });
  return {
    element,
    set(id) {
      if (element.activeid !== `tab-${id}`) element.activeid = `tab-${id}`;
      // Where the tabs do not fit, the one that is shown may lie beside what is in sight.
      element.querySelector(`#tab-${id}`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
    },
  };
}

export interface Range {
  readonly label: string;
  readonly hint?: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The number field may go further than the slider. */
  readonly limit?: readonly [number, number];
}

export interface RangeField {
  readonly element: HTMLElement;
  set(value: number): void;
  /** Another upper end: the layers of another model. */
  setMax(max: number): void;
}

/** A number by itself, with its label above; for what is changed seldom and exactly. */
export function numberField(range: Range, change: (value: number) => void): RangeField {
  const [least, most] = range.limit ?? [range.min, range.max];
  const step = Number.isInteger(range.step) ? range.step : "any";
  const number = el("input", { type: "number", min: least, max: most, step });
  number.addEventListener("input", () => {
    if (number.value !== "" && number.validity.valid) change(Number(number.value));
  });
  return {
    element: el("label", { class: "number-field", title: range.hint }, range.label, number),
    set(value) {
      if (document.activeElement !== number || Number(number.value) !== value) number.value = String(value);
    },
    setMax: (max) => setAttribute(number, "max", max),
  };
}

/** A slider with a number field for the exact value. */
export function rangeField(range: Range, change: (value: number) => void): RangeField {
  const common = { min: range.min, max: range.max, step: range.step };
  const slider = el("input", { type: "range", ...common, "aria-label": range.label });
  const number = el("input", { type: "number", ...common, step: "any", "aria-label": range.label });
  const [least, most] = range.limit ?? [range.min, range.max];
  setAttribute(number, "min", least);
  setAttribute(number, "max", most);
  if (Number.isInteger(range.step)) setAttribute(number, "step", range.step);
  const set = (value: number): void => {
    slider.value = String(value);
    if (document.activeElement !== number || Number(number.value) !== value) number.value = String(value);
  };
  slider.addEventListener("input", () => {
    number.value = slider.value;
    change(Number(slider.value));
  });
  number.addEventListener("input", () => {
    if (number.value === "" || !number.validity.valid) return;
    slider.value = number.value;
    change(Number(number.value));
  });
  return {
    element: el(
      "div",
      { class: "range", title: range.hint },
      el("span", { class: "range-label" }, range.label),
      slider,
      number,
    ),
    set,
    setMax(max) {
      setAttribute(slider, "max", max);
      setAttribute(number, "max", max);
    },
  };
}
