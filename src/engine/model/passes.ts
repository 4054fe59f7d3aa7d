/** One run of a graph through the model: over a prompt's tokens, over one new token a row, or one step of the solve. */
export const passKinds = ["read", "generate", "solve"] as const;
export type PassKind = (typeof passKinds)[number];
