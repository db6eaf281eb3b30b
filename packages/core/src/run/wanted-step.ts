/** A training step that is wanted of an engine. */
import type { TrainingStepOptions } from "../graph/steps.js";
import type { TracedModel } from "../graph/template.js";

export interface WantedStep {
  readonly title: string;
  /** Tells its entry apart from all others. */
  readonly key: string;
  readonly model: TracedModel;
  readonly options: TrainingStepOptions;
  readonly rows: number;
  /** As `fit` takes it. */
  readonly accumulate?: boolean | number | undefined;
}
