/** What `test/reference/inside.py` writes into inside.json of a lens: its cells by layer and token, for each checkpoint. */
export interface ReferenceCell {
  top: { id: number; probability: number }[];
  entropy: number;
  klToFinal: number;
}

export interface InsideFixture {
  checkpoint: string;
  text: string;
  ids: number[];
  lens: ReferenceCell[][];
  jacobianLens: { carriedWave: number[][]; cells: ReferenceCell[][] };
}
