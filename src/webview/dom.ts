/** Building DOM without markup strings: text only ever becomes a text node. */

export type Child = Node | string | null | undefined | false;
type Attribute = string | number | boolean | null | undefined | ((event: Event) => void);

/** Attributes of `el`: `class`, `on…` listeners, everything else as an attribute (`true` is empty, `false` leaves it out). */
export type Attributes = Readonly<Record<string, Attribute>> & { readonly style?: never };

const svgNamespace = "http://www.w3.org/2000/svg";

function fill<E extends Element>(element: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else setAttribute(element, name, value);
  }
  element.append(...children.filter((child): child is Node | string => child != null && child !== false));
  return element;
}

/** Sets, or with `false`, `null` and `undefined` removes, an attribute; leaves the DOM alone when nothing changed. */
export function setAttribute(element: Element, name: string, value: string | number | boolean | null | undefined) {
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else {
    const text = value === true ? "" : String(value);
    if (element.getAttribute(name) !== text) element.setAttribute(name, text);
  }
}

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes?: Attributes,
  ...children: Child[]
): HTMLElementTagNameMap[K];
export function el(tag: string, attributes?: Attributes, ...children: Child[]): HTMLElement;
export function el(tag: string, attributes: Attributes = {}, ...children: Child[]): HTMLElement {
  return fill(document.createElement(tag), attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS(svgNamespace, tag), attributes, children);
}

/** Replaces the text of an element, touching the DOM only when it differs (keeps selections, spares live regions). */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Brings as much of a part into sight as there is room for, and its head in any case. */
export function showFrom(part: Element, head: Element): void {
  part.scrollIntoView({ block: "nearest" });
  head.scrollIntoView({ block: "nearest" });
}

/** Shows or hides an element without taking it out of the document. */
export function setVisible(element: HTMLElement, visible: boolean): void {
  element.hidden = !visible;
}
