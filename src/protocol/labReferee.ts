/** The lab's Referee tab: its form. */
import * as v from "valibot";
import { checkIds, constructionNames } from "./referee.ts";

export const labRefereeRequest = v.object({
  /** The vector on trial. */
  vector: v.picklist(constructionNames),
  /** Few names, in some minutes; or as many as the command line takes. */
  size: v.picklist(["quick", "usual"]),
  skip: v.array(v.picklist(checkIds)),
});

export type LabRefereeRequest = v.InferOutput<typeof labRefereeRequest>;
