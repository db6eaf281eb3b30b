/** What a model is trained towards, and by what. Plain data. */
import type { Optimizer } from "../graph/optimizer.js";
import type { Term } from "../graph/terms.js";

export interface TrainingSetup {
  readonly terms: readonly Term[];
  readonly optimizer: Optimizer;
  readonly seed: number;
}
