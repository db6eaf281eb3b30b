/** What few trainings need, in one part that is loaded when one does: more parts would cost more than they save. */
export { batchOf } from "./batch-of.js";
export { checkBatchOptions } from "./batch-options.js";
export { CheckpointSaver } from "./checkpoint-saver.js";
export { explainStep } from "./explain.js";
export { BatchSteps, bytesOf, copied } from "./train-on-batch.js";
export { trainStream } from "./train-stream.js";
