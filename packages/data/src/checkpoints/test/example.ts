/** A small checkpoint, and one of any size, for tests of where they are kept. */
import type { SessionCheckpoint } from "@hone/core";

/** @param floats values of its one weight; they tell the step */
export function checkpointOf(step: number, floats = 4): SessionCheckpoint {
  return {
    format: 1,
    kind: "session",
    structure: "test",
    numerics: "float32",
    seed: 1,
    optimizer: { kind: "sgd", learningRate: Number.NaN } as never,
    step,
    epochs: 1,
    predictionSteps: 0,
    scales: {},
    labels: { "parameter:0": "weight" },
    tensors: { "parameter:0": { shape: [floats], data: new Float32Array(floats).fill(step) } },
  };
}
