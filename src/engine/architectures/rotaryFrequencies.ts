import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import { RomeError } from "../../protocol/errors.ts";
import { issueText } from "../../text/schemaIssue.ts";
import { count, readConfig } from "./config.ts";

/** How fast each pair of a head's components turns with the position, and what cos and sin are multiplied by. */
export interface RotaryFrequencies {
  /** Radians a position, one for each pair. */
  readonly values: readonly number[];
  readonly amplitude: number;
}

/** base^(−2i/dimensions), i = 0 … dimensions/2 − 1 (Su et al. 2021). */
export function plainFrequencies(dimensions: number, base: number): RotaryFrequencies {
  return { values: Array.from({ length: dimensions / 2 }, (_, i) => base ** ((-2 * i) / dimensions)), amplitude: 1 };
}

const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const theta = v.optional(positive, 10_000);
const whole = v.optional(v.literal(1));

const scalings = v.variant("rope_type", [
  v.looseObject({ rope_type: v.literal("default") }),
  // Dynamic scaling changes nothing up to max_position_embeddings, and no text here is longer.
  v.looseObject({ rope_type: v.literal("dynamic") }),
  v.looseObject({ rope_type: v.literal("linear"), factor: positive }),
  v.looseObject({
    rope_type: v.literal("llama3"),
    factor: positive,
    low_freq_factor: positive,
    high_freq_factor: positive,
    original_max_position_embeddings: count,
  }),
  v.looseObject({
    rope_type: v.literal("yarn"),
    factor: positive,
    original_max_position_embeddings: count,
    attention_factor: v.nullish(positive),
    beta_fast: v.nullish(positive),
    beta_slow: v.nullish(positive),
    mscale: v.nullish(v.number()),
    mscale_all_dim: v.nullish(v.number()),
    truncate: v.optional(v.boolean(), true),
  }),
]);
type Scaling = v.InferOutput<typeof scalings>;

/** One for each kind of layer, by its name. */
const isNested = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

const parameters = v.nullish(
  v.pipe(
    v.looseObject({
      type: v.optional(v.string()),
      rope_type: v.optional(v.string()),
      rope_theta: v.optional(positive),
      partial_rotary_factor: whole,
    }),
    v.check((fields) => !Object.values(fields).some(isNested), "layers differ in theirs"),
  ),
);

/** Where the parameters stand: in rope_parameters (newer files) or rope_scaling, the base there or in rope_theta. */
const placesSchema = v.object({
  rope_parameters: parameters,
  rope_scaling: parameters,
  rope_theta: theta,
  partial_rotary_factor: whole,
  max_position_embeddings: count,
});

type Places = v.InferOutput<typeof placesSchema>;

/**
 * The frequencies that a config.json of Llama's kind asks for, over the whole head: plain, or stretched for longer texts
 * (linear; llama3; yarn: Peng et al. 2023). The formulas are those of transformers' modeling_rope_utils.
 *
 * @throws RomeError ("architecture") that names the field, for any other kind of scaling, and for two fields that
 * contradict each other: transformers takes rope_scaling then, other programs rope_parameters
 */
export function readRotary(config: Record<string, unknown>, headSize: number): RotaryFrequencies {
  const places = readConfig(placesSchema, config);
  const given = (["rope_parameters", "rope_scaling"] as const).filter((field) => !isEmpty(places[field]));
  const [found, other] = given.map((field) => frequenciesOf(places, field, headSize));
  if (found && other && !isDeepStrictEqual(found, other))
    throw new RomeError(
      "architecture",
      "config.json's rope_scaling contradicts its rope_parameters. Keep the one that the model was trained with.",
    );
  return found ?? plainFrequencies(headSize, places.rope_theta);
}

const isEmpty = (fields: object | null | undefined) => !fields || Object.keys(fields).length === 0;

/** What one of the two fields asks for. */
function frequenciesOf(places: Places, field: "rope_parameters" | "rope_scaling", headSize: number): RotaryFrequencies {
  const { rope_theta: base = places.rope_theta, ...found } = places[field] ?? {};
  const result = v.safeParse(scalings, {
    original_max_position_embeddings: places.max_position_embeddings,
    ...found,
    rope_type: found.rope_type ?? found.type ?? "default",
  });
  if (!result.success) {
    const problems = result.issues.map((issue) => `${field}.${v.getDotPath(issue)}: ${issueText(issue)}`);
    throw new RomeError(
      "architecture",
      `config.json asks for rotary positions that cannot be run exactly. ${problems.join("; ")}.`,
    );
  }
  return scaled(plainFrequencies(headSize, base), result.output, headSize, base);
}

function scaled(plain: RotaryFrequencies, scaling: Scaling, dimensions: number, base: number): RotaryFrequencies {
  const { values } = plain;
  switch (scaling.rope_type) {
    case "default":
    case "dynamic":
      return plain;
    case "linear":
      return { ...plain, values: values.map((value) => value / scaling.factor) };
    case "llama3": {
      const {
        factor,
        low_freq_factor: low,
        high_freq_factor: high,
        original_max_position_embeddings: length,
      } = scaling;
      // Turns within the original length: few are stretched, many are kept, between the two a blend.
      const share = (value: number) => clamp(((length * value) / (2 * Math.PI) - low) / (high - low));
      return { ...plain, values: values.map((value) => blend(value / factor, value, share(value))) };
    }
    case "yarn": {
      const { factor, original_max_position_embeddings: length, truncate } = scaling;
      const pairOf = (turns: number) => (dimensions * Math.log(length / (turns * 2 * Math.PI))) / (2 * Math.log(base));
      const [first, last] = [pairOf(scaling.beta_fast ?? 32), pairOf(scaling.beta_slow ?? 1)];
      const low = Math.max(0, truncate ? Math.floor(first) : first);
      const high = Math.min(dimensions - 1, truncate ? Math.ceil(last) : last);
      const width = low === high ? 0.001 : high - low;
      const keep = (i: number) => 1 - clamp((i - low) / width);
      return {
        values: values.map((value, i) => blend(value / factor, value, keep(i))),
        amplitude: scaling.attention_factor ?? yarnAmplitude(factor, scaling.mscale, scaling.mscale_all_dim),
      };
    }
  }
}

function yarnAmplitude(factor: number, scale: number | null | undefined, all: number | null | undefined): number {
  const amplitude = (strength: number) => (factor <= 1 ? 1 : 0.1 * strength * Math.log(factor) + 1);
  return scale && all ? amplitude(scale) / amplitude(all) : amplitude(1);
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}

function blend(a: number, b: number, share: number): number {
  return (1 - share) * a + share * b;
}
