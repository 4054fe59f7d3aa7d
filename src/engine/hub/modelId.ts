import { RomeError } from "../../protocol/errors.ts";

/** A model of the Hub, e.g. "EleutherAI/gpt-j-6b@float16". */
export interface ModelId {
  /** "owner/name", or "name" alone for the oldest models. */
  readonly repository: string;
  /** Branch, tag or commit; undefined for the main one. */
  readonly revision: string | undefined;
}

const part = "[A-Za-z0-9_][A-Za-z0-9._-]*";
const pattern = new RegExp(`^(${part}(?:/${part})?)(?:@(${part}(?:/${part})*))?$`);

/** "owner/name" or "owner/name@revision" taken apart; undefined for what cannot be a model of the Hub. */
export function parseModelId(text: string): ModelId | undefined {
  const [, repository, revision] = pattern.exec(text.trim()) ?? [];
  // The cache writes "/" as "--", and ".." would leave its folder.
  if (!repository || /--|\.\./.test(text)) return undefined;
  return { repository, revision };
}

/** The same where nothing else will do; `input` error for the rest. */
export function requireModelId(text: string, revision?: string): ModelId {
  const id = parseModelId(revision === undefined ? text : `${text}@${revision}`);
  if (id) return id;
  const given = JSON.stringify(revision === undefined ? text : `${text}@${revision}`);
  throw new RomeError(
    "input",
    `${given} does not name a model of the Hub. Write owner/name or owner/name@revision, e.g. EleutherAI/gpt-j-6b@float16.`,
  );
}

export function formatModelId({ repository, revision }: ModelId): string {
  return revision === undefined || revision === "main" ? repository : `${repository}@${revision}`;
}
