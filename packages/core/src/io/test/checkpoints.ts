/** Checkpoints for tests: a small one with everything a file must bear, and its file taken apart and put together. */
import { adam } from "../../graph/optimizer.js";
import {
  CHECKPOINT_FORMAT,
  type ProgramCheckpoint,
  type SessionCheckpoint,
} from "../../run/checkpoint.js";

/** In a training with figures that JSON lacks, tensors of both widths, and names with other scripts and quotes. */
export function smallCheckpoint(): SessionCheckpoint {
  const large = Float64Array.of(Number.NaN, -0, 1e-320, Number.NEGATIVE_INFINITY, 1 / 3);
  return {
    format: CHECKPOINT_FORMAT,
    kind: "session",
    structure: "k3j2h4",
    numerics: "float32",
    seed: 4_294_967_295,
    optimizer: adam(0.02),
    step: 37,
    epochs: 3,
    predictionSteps: 1,
    scales: { input: { scale: 1 / 255, offset: -0 } },
    labels: { "parameter:0": 'dense/kernel "日本" \u0007\u2028\ud800' },
    training: {
      options: {
        epochs: 5,
        batchSize: 16,
        shuffle: true,
        classWeight: [1, Number.POSITIVE_INFINITY, -0, null],
        learningRate: { kind: "piecewise", $: 1, $$odd: ["$", { $: "NaN" }] },
        factors: { list: Float32Array.of(0.1, -0, Number.NaN), bytes: new Uint8Array(0) },
      },
      on: { kind: "dataset", rows: 150, content: -9_007_199_254_740_991 },
      firstStep: 7,
      epoch: 3,
      before: { steps: 20, rows: 300, passes: 2, allPasses: 2 },
      pass: { order: 2, firstStep: 27, step: 10 },
      sumsRows: 160,
      epochMs: 12.25,
      ended: [
        {
          kind: "epoch-end",
          epoch: 1,
          epochs: 5,
          figures: { loss: Number.NaN, acc: 0.1 + 0.2, val_loss: Number.NEGATIVE_INFINITY },
          loss: Number.NaN,
          accuracy: -0,
          rows: 150,
          seconds: 5e-324,
          imagesPerSecond: 1.7976931348623157e308,
        },
      ],
      stopping: { best: Number.POSITIVE_INFINITY, bestEpoch: 0 },
    },
    tensors: {
      "parameter:0": { shape: [2, 3], data: Float32Array.of(1.5, -0, Number.NaN, 1e-45, 3, 1 / 3) },
      // A view into the middle of other bytes, as a device may give it.
      "slot.m:parameter:0": { shape: [1, 2], data: new Float32Array(8).fill(0.1).subarray(3, 5) },
      "parameter:1": { shape: [], data: Float32Array.of(Number.NEGATIVE_INFINITY) },
      "best/parameter:0": { shape: [0, 4], data: new Float32Array(0) },
      sums: { shape: [5], data: large },
    },
  };
}

export function programCheckpoint(): ProgramCheckpoint {
  return {
    format: CHECKPOINT_FORMAT,
    kind: "program",
    structure: "p",
    numerics: "float64",
    seed: 0,
    labels: {},
    functions: {
      judge: { step: 3, passes: 1, pass: { rows: 9, content: 5, batchSize: 3, firstStep: 0 } },
      // A name that every object answers to.
      toString: { step: 0, passes: 0 },
    },
    tensors: { w: { shape: [1], data: Float64Array.of(0.1) } },
  };
}

/** A file's header, and what lies behind it. */
export function takenApart(file: Uint8Array) {
  const length = new DataView(file.buffer, file.byteOffset).getUint32(0, true);
  const text = new TextDecoder().decode(file.subarray(8, 8 + length));
  return { text, header: JSON.parse(text), data: file.slice(8 + length) };
}

export function putTogether(header: unknown, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const bytes = new TextEncoder().encode(text);
  const file = new Uint8Array(8 + bytes.length + data.length);
  new DataView(file.buffer).setUint32(0, bytes.length, true);
  file.set(bytes, 8);
  file.set(data, 8 + bytes.length);
  return file;
}
