/** Losses, counts of right answers, and the ring that keeps what each step gave. */
import { type Call, type Operand, sizeOf } from "@hone/core/kernels";
import countCorrect from "./count-correct.wgsl";
import {
  elementType,
  input,
  type Kernel,
  type Kernels,
  type Launch,
  laneValues,
  launch,
  output,
  overElements,
  type Traits,
} from "./kernel.js";
import labelsLibrary from "./library/labels.wgsl";
import { overRows } from "./over-rows.js";
import recordStep from "./record-step.wgsl";
import softmaxCrossEntropy from "./softmax-cross-entropy.wgsl";
import softmaxCrossEntropyGrad from "./softmax-cross-entropy-grad.wgsl";

function crossEntropy(
  call: Call,
  traits: Traits,
  source: string,
  read: Readonly<Record<string, Operand>>,
  write: Readonly<Record<string, Operand>>,
): ReturnType<Kernel> {
  const logits = input(call, 0);
  const columns = logits.shape.at(-1) as number;
  return [
    overRows(sizeOf(logits.shape) / columns, columns, traits, {
      sources: [source, labelsLibrary],
      constants: { SPARSE: call.attributes.kind === "sparse" },
      read,
      write,
    }),
  ];
}

/** Invocations that count; whole numbers give the same sum in any order. */
const COUNTERS = 256;

const countCorrectKernel: Kernel = (call, traits) => {
  const [outputs, labels, result] = [input(call, 0), input(call, 1), output(call)];
  const columns = outputs.shape.at(-1) as number;
  return [
    launch({
      sources: [countCorrect],
      constants: {
        ROWS: sizeOf(outputs.shape) / columns,
        COLUMNS: columns,
        SPARSE: call.attributes.kind === "sparse",
      },
      prelude: [`alias Element = ${elementType(result.dtype)};`],
      read: { outputs, labels },
      write: { result },
      invocations: COUNTERS,
      spread: (invocations) => ({
        workgroups: 1,
        constants: { LANES: traits.cooperative ? invocations : 1 },
        shared: laneValues(invocations),
      }),
    }),
  ];
};

/** As many as a launch may bind, beside the ring. */
const MOST_VALUES = 7;

const recordStepKernel: Kernel = (call) => {
  const ring = input(call, 0);
  const values = call.inputs.slice(1);
  const [rows, columns] = ring.shape as [number, number];
  const launches: Launch[] = [];
  let firstColumn = 0;
  for (let first = 0; first < values.length; first += MOST_VALUES) {
    const group = values.slice(first, first + MOST_VALUES);
    let length = 0;
    const lines = group.map(({ shape }, index) => {
      const begin = length;
      length += sizeOf(shape);
      return `if (index < ${length}u) { return f32(value${index}[index - ${begin}u]); }`;
    });
    launches.push(
      ...overElements(length, {
        sources: [recordStep],
        constants: { RING_ROWS: rows, RING_COLUMNS: columns, FIRST_COLUMN: firstColumn },
        prelude: [`fn value_at(index: u32) -> f32 { ${lines.join(" ")} return 0.0; }`],
        read: Object.fromEntries(group.map((value, index) => [`value${index}`, value])),
        write: { ring },
        usesStep: true,
      }),
    );
    firstColumn += length;
  }
  return launches;
};

export const losses: Kernels = {
  SoftmaxCrossEntropy: (call, traits) =>
    crossEntropy(
      call,
      traits,
      softmaxCrossEntropy,
      { logits: input(call, 0), labels: input(call, 1) },
      { losses: output(call) },
    ),
  SoftmaxCrossEntropyGrad: (call, traits) =>
    crossEntropy(
      call,
      traits,
      softmaxCrossEntropyGrad,
      { logits: input(call, 0), labels: input(call, 1), d_losses: input(call, 2) },
      { result: output(call) },
    ),
  CountCorrect: countCorrectKernel,
  RecordStep: recordStepKernel,
};
