interface Size {
  readonly d: number;
  readonly vocabulary: number;
}
export function solveProducts(
  solve: Size & { readonly above: number; readonly tokens: number; readonly lookups: number; readonly asked: number },
): number;
export function readProducts(
  read: Size & { readonly layers: number; readonly tokens: number; readonly asked: number },
): number;
