/** What a training is given of its session, which may go from one device to another meanwhile. */
import { checkWeighable } from "./data-plan.js";
import type { Dataset } from "./dataset.js";
import { isOfDevice } from "./device-failure.js";
import type { EvaluateOptions, Evaluation } from "./evaluate.js";
import type { SessionModel } from "./session-model.js";
import { pastOf } from "./session-past.js";
import type { SessionState } from "./session-state.js";
import type { TrainingContext } from "./train.js";
import type { StreamContext } from "./train-stream.js";
import type { TrainingRun } from "./training-run.js";

export interface ContextParts extends Pick<TrainingContext, "partsFor"> {
  readonly model: SessionModel;
  /** The session's state. @throws BadArgument while the model waits for data to say its input's shape */
  readonly made: () => SessionState;
  readonly hasState: () => boolean;
  readonly evaluate: (dataset: Dataset, options: EvaluateOptions) => Promise<Evaluation>;
  /** Told of the training once it runs. */
  readonly onRun: (run: TrainingRun) => void;
}

export function trainingContext(parts: ContextParts): StreamContext {
  const { model, made, hasState, partsFor, evaluate, onRun } = parts;
  /** Of the device that the training's steps are ready on. */
  let generation: number | undefined;
  return {
    get setup() {
      return model.captured.setup;
    },
    get counts() {
      return made().counts;
    },
    get snapshots() {
      return pastOf(made()).snapshots;
    },
    partsFor,
    engine: async () => {
      const state = made();
      const { home } = state;
      if (state.mayFailOver) await state.keptIfLoads();
      for (;;) {
        generation = home.generation;
        const engine = await home.onDevice();
        // Unless the session has moved meanwhile.
        if (generation === home.generation) return engine;
      }
    },
    isCurrent: () => generation === made().home.generation,
    follow: (run) => {
      const state = made();
      const survival = state.keeping?.survival;
      if (state.run === undefined) survival?.begin();
      state.run = run;
      state.takesBatches = false;
      if (run) onRun(run);
      else survival?.rested();
    },
    evaluate: (dataset, signal) => evaluate(dataset, signal ? { signal } : {}),
    wantsPause: () => {
      const state = made();
      if (state.keeping) return state.keeping.survival.wantsPause();
      state.looked();
      return false;
    },
    pause: async () => made().keeping?.survival.pause(),
    recover: async (error) => {
      // Before the data have said what the model is there is nothing to recover.
      if (!hasState()) throw error;
      const state = made();
      const survival = (isOfDevice(error) ? await state.keptIfLoads() : state.keeping)?.survival;
      if (!survival) throw error;
      const moved = await survival.recover(error, generation ?? state.home.generation);
      return (await survival.nextMove()) ?? moved;
    },
    setWeights: (weights) => {
      const state = made();
      const { home } = state;
      const { snapshots } = pastOf(state);
      const tensors = new Map([...snapshots.newest.tensors, ...weights]);
      home.write(tensors);
      snapshots.reset({ ...snapshots.newest, tensors });
    },
    readBatch: async (given) => {
      const { batchOf } = await import("./session-extras.js");
      const { batch } = await batchOf(model, given);
      checkWeighable(model.captured.setup.terms, "sampleWeights", given.sampleWeights);
      return batch;
    },
  };
}
