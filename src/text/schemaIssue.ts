/** A value that a schema refused, as valibot tells of it. */
interface Issue {
  /** What the schema takes, in its own notation; null for what it has none for. */
  readonly expected: string | null;
  readonly received: string;
  readonly message: string;
}

/** Of what the value must be, in words. */
const kinds: Readonly<Record<string, string>> = {
  number: "a number",
  string: "text",
  boolean: "true or false",
  Array: "a list",
  Object: "an object",
};
const signs: Readonly<Record<string, string>> = {
  ">=": "at least ",
  ">": "above ",
  "<=": "at most ",
  "<": "below ",
  "%": "a multiple of ",
};

/** What is wrong with a value, as a clause; what a schema says in words of its own stays as it is. */
export function issueText({ expected, received, message }: Issue): string {
  if (received === "undefined") return "it is missing";
  if (!message.startsWith("Invalid ")) return message;
  return expected === null ? `it cannot be ${received}` : `it must be ${words(expected)}, not ${received}`;
}

function words(expected: string): string {
  const choices = expected.replace(/^\((.*)\)$/, "$1").split(" | ");
  return choices
    .map((choice) => kinds[choice] ?? choice.replace(/^[<>]=?|^%/, (sign) => signs[sign] ?? sign))
    .join(" or ");
}
