import { expect, test } from "vitest";
import { GraphBuilder } from "../graph/builder.js";
import { sizeOf } from "../graph/geometry.js";
import { fusedOps } from "../graph/ops/fused.js";
import { findOp, opNames } from "../graph/ops/index.js";
import { adam } from "../graph/optimizer.js";
import { evaluationStep, predictionStep, trainingStep } from "../graph/steps.js";
import { atBatch } from "../graph/template.js";
import type { Graph } from "../graph/types.js";
import { tinyModel } from "../run/test/tiny-model.js";
import { missing } from "./fuse.js";
import { type PlanTarget, planEntry } from "./plan.js";
import type { Call, Entry, Operand } from "./program.js";

const onlyPlanned = new Set(fusedOps.map(({ name }) => name));
const primitives = opNames().filter((name) => !findOp(name).expand && !onlyPlanned.has(name));
const target = (options: Partial<PlanTarget> = {}): PlanTarget => ({
  alignment: 64,
  ops: primitives,
  maxBlockLength: 2 ** 28,
  ...options,
});

const column = { scale: 1, offset: 0 };
const data = {
  x: { ...column, dtype: "float32", rowShape: [6] },
  y: { ...column, dtype: "uint8", rowShape: [] },
} as const;
const spec = { loss: "sparseCategoricalCrossentropy", accuracy: "sparse", data } as const;

function training(batch = 16): Graph {
  return trainingStep(atBatch(tinyModel(0.5).training, batch), {
    ...spec,
    stride: batch,
    orderCapacity: 128,
    scheduleCapacity: 8,
    optimizer: adam(),
  });
}

const overlaps = (a: Operand, b: Operand) =>
  a.block === b.block &&
  a.offset < b.offset + sizeOf(b.shape) &&
  b.offset < a.offset + sizeOf(a.shape);

const same = (a: Operand, b: Operand) => a.block === b.block && a.offset === b.offset;

/** Every call reads what was last written there by the call that was meant to write it. */
function checkDataFlow(entry: Entry): void {
  const writer = new Map<string, number>();
  entry.calls.forEach((call, index) => {
    for (const output of call.outputs) {
      for (const input of call.inputs) {
        expect(same(input, output) || !overlaps(input, output), `${call.op} ${index}`).toBe(true);
        if (output.block.includes("/scratch")) expect(input.block).not.toBe(output.block);
      }
      writer.set(output.block, index);
    }
  });
}

test("scratch is reused, yet no call writes where it reads", () => {
  const entry = planEntry("train@16", training(), target());
  checkDataFlow(entry);
  const scratch = entry.blocks.filter(({ name }) => name.includes("/scratch"));
  const results = entry.calls
    .flatMap(({ outputs }) => outputs)
    .filter(({ block }) => block.includes("/scratch"));
  expect(scratch.length).toBeLessThan(results.length / 2);
  for (const { block, shape } of results) {
    const length = scratch.find(({ name }) => name === block)?.length ?? 0;
    expect(sizeOf(shape)).toBeLessThanOrEqual(length);
  }
});

test("a value is never overwritten before its last reader", () => {
  const graph = training();
  const entry = planEntry("train@16", graph, target());
  // Replay: remember which call produced the content of each scratch block.
  const content = new Map<string, number>();
  const nodes = graph.nodes.filter(({ op }) => op !== "Reshape");
  const alias = new Map<number, number>();
  for (const { op, inputs, outputs } of graph.nodes) {
    if (op === "Reshape")
      alias.set(outputs[0] as number, alias.get(inputs[0] as number) ?? (inputs[0] as number));
  }
  entry.calls.forEach((call: Call, index) => {
    const node = nodes[index];
    call.inputs.forEach((operand, at) => {
      if (!operand.block.includes("/scratch")) return;
      const id = node?.inputs[at] as number;
      expect(content.get(operand.block), `${call.op} input ${at}`).toBe(alias.get(id) ?? id);
    });
    call.outputs.forEach((operand, at) => {
      if (operand.block.includes("/scratch"))
        content.set(operand.block, node?.outputs[at] as number);
    });
  });
});

test("parameters lie in the same places in every entry, gradients and slots laid out alike", () => {
  const model = tinyModel(0.5);
  const train = planEntry("train@16", training(), target());
  const evaluate = planEntry(
    "evaluate@8",
    evaluationStep(atBatch(model.inference, 8), { ...spec, stride: 8, ringLength: 4 }),
    target(),
  );
  const predict = planEntry("predict@1", predictionStep(atBatch(model.inference, 1)), target());
  for (let index = 0; index < 4; index++) {
    const name = `parameter:${index}`;
    const place = train.buffers[name] as Operand;
    expect(evaluate.buffers[name]).toEqual(place);
    expect(predict.buffers[name]).toEqual(place);
    expect(train.buffers[`gradient:${name}`]?.offset).toBe(place.offset);
    expect(train.buffers[`slot.m:${name}`]?.offset).toBe(place.offset);
    expect(train.buffers[`slot.v:${name}`]?.offset).toBe(place.offset);
  }
  const lengths = (entry: Entry) => new Map(entry.blocks.map(({ name, length }) => [name, length]));
  expect(lengths(evaluate).get("parameters")).toBe(lengths(train).get("parameters"));
  const flat = lengths(train).get("parameters");
  const adamCall = train.calls.find(({ op }) => op === "Map") as Call;
  for (const operand of adamCall.inputs.slice(0, 4)) expect(operand.shape).toEqual([flat]);
});

test("every offset honours the target's alignment", () => {
  for (const alignment of [1, 4, 64]) {
    const { calls } = planEntry("train@16", training(), target({ alignment }));
    for (const { inputs, outputs } of calls) {
      for (const { offset } of [...inputs, ...outputs]) expect(offset % alignment).toBe(0);
    }
  }
});

test("bias and relu are fused where the target has the op, and only there", () => {
  const fused = planEntry("train@16", training(), target({ ops: opNames() }));
  const products = fused.calls.filter(({ op }) => op === "_FusedMatMul");
  expect(products.map(({ attributes }) => attributes.activation)).toEqual(["relu", "linear"]);
  expect(fused.calls.some(({ op }) => op === "Relu")).toBe(false);
  checkDataFlow(fused);
  const plain = planEntry("train@16", training(), target());
  expect(plain.calls.some(({ op }) => op.includes("Fused"))).toBe(false);
});

test("a result that something else reads too is not fused away", () => {
  const builder = new GraphBuilder();
  const a = builder.persistent("input@2", "input", [2, 3]);
  const w = builder.persistent("parameter:0", "parameter", [3, 4], { trainable: true });
  const b = builder.persistent("parameter:1", "parameter", [4], { trainable: true });
  const product = builder.op("BatchMatMul", [a, w], { transposeA: false, transposeB: false });
  const biased = builder.op("Add", [product, b]);
  const output = builder.persistent("output@2", "metric", [2, 4]);
  builder.opInto("Multiply", [builder.op("Relu", [biased]), biased], output);
  const { calls } = planEntry("two readers", builder.build(), target({ ops: opNames() }));
  expect(calls.map(({ op }) => op)).toEqual(["_FusedMatMul", "Relu", "Multiply"]);
  expect(calls[0]?.attributes.activation).toBe("linear");
});

test("a fused op in the graph becomes its expansion on a target that lacks it", () => {
  const builder = new GraphBuilder();
  const a = builder.persistent("input@2", "input", [2, 3]);
  const w = builder.persistent("parameter:0", "parameter", [3, 4]);
  const b = builder.persistent("parameter:1", "parameter", [4]);
  const fused = builder.op("_FusedMatMul", [a, w, b], {
    transposeA: false,
    transposeB: false,
    activation: "relu",
  });
  const output = builder.persistent("output@2", "metric", [2, 4]);
  builder.opInto("Identity", [fused], output);
  const { calls } = planEntry("expanded", builder.build(), target());
  expect(calls.map(({ op }) => op)).toEqual(["BatchMatMul", "Add", "Relu", "Identity"]);
});

test("what a device lacks is named, and planning for it refused", () => {
  const ops = primitives.filter((name) => name !== "GlobalNorm" && name !== "Dropout");
  expect(missing(training(), ops)).toEqual(["Dropout", "GlobalNorm"]);
  expect(() => planEntry("train@16", training(), target({ ops }))).toThrow(
    /the device lacks Dropout, GlobalNorm/,
  );
});

test("a tensor too long for the device is refused with both lengths", () => {
  expect(() => planEntry("train@16", training(), target({ maxBlockLength: 100 }))).toThrow(
    /needs \d+ elements, the device holds at most 100/,
  );
});

test("planning is a pure function", () => {
  const once = planEntry("train@16", training(), target());
  expect(planEntry("train@16", training(), target())).toEqual(once);
});
