/** Phrases that come from the engine, in the reader's language. */
import { type Phrase, worded } from "../protocol/phrase.ts";
import { readersWriting } from "../text/readersWriting.ts";

export const inReadersWords = (phrase: Phrase): string => worded(phrase, readersWriting);
