/** Records of studies small enough to work out by hand. */
import { encodePredictions } from "../predictions.js";
import { type StudyModel, type StudyRecord, type StudyRun, studyRunFormat } from "../records.js";

export const plainCnn: StudyModel = {
  name: "cnn",
  network: { family: "cnn", filters: 32, kernelSize: 3, dropout: 0 },
  learningRate: 1e-3,
};
export const tunedCnn: StudyModel = {
  name: "cnn-tuned",
  network: { family: "cnn", filters: 64, kernelSize: 5, dropout: 0.5 },
  learningRate: 1e-4,
};
export const variantCnn: StudyModel = {
  name: "cnn-filters-64",
  network: { family: "cnn", filters: 64, kernelSize: 3, dropout: 0 },
  learningRate: 1e-3,
  variant: { of: "cnn", choice: "64 filters", change: "64 filters instead of 32" },
};
export const plainMlp: StudyModel = {
  name: "mlp",
  network: { family: "mlp", units: [128, 64], dropout: 0.5 },
  learningRate: 1e-3,
};

export interface SmallRun {
  readonly model: StudyModel;
  readonly seed?: number;
  readonly dataset?: string;
  /** Test accuracy after each epoch. */
  readonly accuracies: readonly number[];
  /** Of each epoch. */
  readonly seconds?: number;
  /** The class given to each test image, as characters. */
  readonly classes?: string;
  readonly confidence?: readonly number[];
  readonly diverged?: string;
}

/** Ten test images of three classes. */
export const labels = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2];
const right = "0000111222";

export function smallRun(run: SmallRun): StudyRun {
  const { model, seed = 1, dataset = "mnist", accuracies, seconds = 2, classes = right } = run;
  const confidence = run.confidence ?? [...classes].map(() => 0.9);
  return {
    record: studyRunFormat,
    settings: {
      model: model.name,
      network: model.network,
      data: { name: dataset, trainRows: 60_000, testRows: 10, fingerprint: "00" },
      optimizer: "adam",
      learningRate: model.learningRate,
      batchSize: 64,
      epochs: 10,
      seed,
    },
    outcome: run.diverged
      ? { kind: "diverged", reason: run.diverged }
      : {
          kind: "finished",
          predictions: encodePredictions({ classes: [...classes].map(Number), confidence }),
        },
    epochs: accuracies.map((testAccuracy, index) => ({
      epoch: index + 1,
      loss: 1 / (index + 1),
      accuracy: testAccuracy - 0.01,
      testLoss: 2 / (index + 1),
      testAccuracy,
      seconds,
    })),
    steps: 938 * accuracies.length,
    time: {
      trainingSeconds: seconds * accuracies.length,
      testingSeconds: 0.1 * accuracies.length,
      wallSeconds: 3 * accuracies.length,
    },
    device: { backend: "cpu", description: "JavaScript", numerics: "unfused", threads: 1 },
    version: "0.1.0",
  };
}

/** Ten epochs that end with these three accuracies. */
export function endingIn(...last: readonly [number, number, number]): readonly number[] {
  return [...new Array<number>(7).fill(0.5), ...last];
}

export function smallStudy(runs: readonly SmallRun[], epochs = 10): StudyRecord {
  const names = [...new Set(runs.map(({ dataset = "mnist" }) => dataset))];
  const made = runs.map(smallRun);
  return {
    version: "0.1.0",
    settings: {
      datasets: names.map((name) => ({
        name,
        trainRows: 60_000,
        testRows: 10,
        fingerprint: "00",
      })),
      models: [...new Set(runs.map(({ model }) => model))],
      seeds: Math.max(...runs.map(({ seed = 1 }) => seed)),
      variantSeeds: 1,
      epochs,
      batchSize: 64,
    },
    device: { backend: "cpu", description: "JavaScript", numerics: "unfused", threads: 1 },
    why: "asked for with --backend cpu",
    tests: names.map((name) => ({
      name,
      classNames: ["zero", "one", "two"],
      labels,
      synthetic: name === "digits",
    })),
    runs: made,
  };
}
