import { count } from "./numbers.ts";

/** A direction, always with an arrow: "female→male". */
export function direction(from: string, to: string): string {
  return `${from}→${to}`;
}

/** "1 name", "2 names". */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A token with its spaces to be seen. */
export function visibleToken(text: string): string {
  const visible = text.replaceAll("\n", "↵").replace(/^ /, "␣");
  return visible.length > 22 ? `${visible.slice(0, 21)}…` : visible;
}
