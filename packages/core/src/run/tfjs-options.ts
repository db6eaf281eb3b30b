/** Names of options that tfjs's verbs take, or a typing error asks for, and what Hone has instead. */
import type { OtherNames } from "./options.js";

/** What tfjs's `trainOnBatch`, or a typing error, asks for. */
export const TFJS_BATCH_OPTIONS: OtherNames = {
  sampleWeights: "For one batch it is `sampleWeight`",
  classWeights: "tfjs and Hone call it `classWeight`",
};

/** What tfjs's `evaluate` takes. */
export const TFJS_EVALUATE_OPTIONS: OtherNames = {
  verbose: "Hone prints nothing by itself",
  steps: "Give a smaller data set: takeRows(data, 0, n)",
  sampleWeight: "Give them with the data: dataset({ x, y, sampleWeights })",
};

/** What tfjs's `fit` takes and Hone's does not, or under another name. */
export const TFJS_FIT_OPTIONS: OtherNames = {
  validationSplit: "Hone calls it `validation`: give the fraction there",
  validationData: "Hone calls it `validation`: give a data set there",
  callbacks: "Use `onRecord`, or iterate over `session.steps(…)`",
  sampleWeight: "Give them with the data: dataset({ x, y, sampleWeights })",
  sampleWeights: "Give them with the data: dataset({ x, y, sampleWeights })",
  restoreBestWeights: "Early stopping always restores the best weights",
  epoch: "Hone, as tfjs, calls it `epochs`",
  initialEpoch:
    "A second call of `fit` goes on from where the first ended; `resume` goes on in the middle",
  stepsPerEpoch: "Give `fit` an async iterable of batches for epochs of another length",
  validationSteps: "Give a smaller `validation` data set",
  validationBatchSize: "`evaluate` takes a `batchSize`",
  verbose: "Hone prints nothing by itself; use `onRecord`",
  yieldEvery: "Hone never holds up the calling thread; leave it out",
  patience: "Give it as `earlyStopping: { patience }`",
  monitor: "Give it as `earlyStopping: { monitor }`",
};
