import * as v from "valibot";

/**
 * Numbers by label. A label may be any word, also one that every object inherits ("constructor", "__proto__"), which
 * valibot's record leaves out.
 */
export const byLabel = v.custom<Record<string, number>>(
  (value) =>
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((number) => typeof number === "number"),
  "numbers by label are needed",
);
