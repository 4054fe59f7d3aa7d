import { add } from "../graph/elementwise.ts";
import type { Architecture, ModelSize } from "./architecture.ts";
import { attention } from "./attention.ts";
import { splitHeads } from "./queries.ts";
import { rotaryTurns } from "./rotaryAngles.ts";
import type { RotaryFrequencies } from "./rotaryFrequencies.ts";

/** The parts of a block whose attention and MLP read the same stream. */
interface Steps extends Required<Pick<Architecture, "alone">>, Pick<Architecture, "attentionToStream"> {
  readonly frequencies: RotaryFrequencies;
  readonly pairs: "interleaved" | "halves";
}

/** A block of attention, turned by positions, and an MLP that are added to the stream together, from its steps. */
export function parallelBlock(
  size: ModelSize,
  { alone, attentionToStream, frequencies, pairs }: Steps,
): Pick<Architecture, "alone" | "attentionToStream" | "block"> {
  const { heads, headSize } = size;
  return {
    alone,
    attentionToStream,
    block(weights, x, inputs) {
      const { layer, positions, queries, past, attentionOutput } = inputs;
      const { query, key, value, written } = inputs.alone ?? alone(weights, layer, x, inputs);
      const turn = rotaryTurns(positions, queries, frequencies, pairs);
      const attended = attention(
        size,
        turn.query(queries.splitHeads(query, heads, headSize)),
        turn.key(splitHeads(key, heads, headSize)),
        splitHeads(value, heads, headSize),
        past,
        queries,
      );
      const attnOutput = attentionToStream(weights, layer, attended.output);
      return { output: add(add(queries.of(x), attentionOutput(attnOutput)), written), attended };
    },
  };
}
