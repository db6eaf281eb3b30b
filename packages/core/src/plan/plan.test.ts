import { expect, test } from "vitest";
import { GraphBuilder } from "../graph/builder.js";
import type { DataSpec } from "../graph/feeds.js";
import { findOp, opNames } from "../graph/ops/index.js";
import { adam } from "../graph/optimizer.js";
import { predictionStep } from "../graph/prediction-step.js";
import { evaluationStep, trainingStep } from "../graph/steps.js";
import { atBatch } from "../graph/template.js";
import type { Graph } from "../graph/types.js";
import { TINY_TERMS, tinyModel } from "../run/test/tiny-model.js";
import { bytesPerElement, operandBytes } from "./element-size.js";
import { holdEverything } from "./everything.js";
import { fitToTarget, missing } from "./fuse.js";
import { type PlanTarget, planEntry } from "./plan.js";
import type { Call, Entry, Operand } from "./program.js";

holdEverything();

const primitives = opNames().filter((name) => !findOp(name).expand && !name.includes("Fused"));
const unmapped = primitives.filter((name) => name !== "Map");
const target = (options: Partial<PlanTarget> = {}): PlanTarget => ({
  alignmentBytes: 256,
  precision: 32,
  ops: primitives,
  maxBlockBytes: 2 ** 30,
  ...options,
});

const column = { scale: 1, offset: 0 };
const data: DataSpec = {
  columns: {
    x: { ...column, dtype: "float32", rowShape: [6] },
    y: { ...column, dtype: "uint8", rowShape: [] },
  },
  inputs: { input: "x" },
  labels: { output: "y" },
};
const spec = { terms: TINY_TERMS, data } as const;

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
  a.byteOffset < b.byteOffset + operandBytes(b, 32) &&
  b.byteOffset < a.byteOffset + operandBytes(a, 32);

const same = (a: Operand, b: Operand) => a.block === b.block && a.byteOffset === b.byteOffset;

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
  checkDataFlow(planEntry("train@16", training(), target()));
  // Where every step between is stored, most of them are in memory that another had before.
  const entry = planEntry("train@16", training(), target({ ops: unmapped }));
  checkDataFlow(entry);
  const scratch = entry.blocks.filter(({ name }) => name.includes("/scratch"));
  const results = entry.calls
    .flatMap(({ outputs }) => outputs)
    .filter(({ block }) => block.includes("/scratch"));
  expect(scratch.length).toBeLessThan(results.length / 2);
  for (const result of results) {
    const bytes = scratch.find(({ name }) => name === result.block)?.bytes ?? 0;
    expect(operandBytes(result, 32)).toBeLessThanOrEqual(bytes);
  }
});

test("a value is never overwritten before its last reader", () => {
  const graph = fitToTarget(training(), primitives);
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
    expect(train.buffers[`gradient:${name}`]?.byteOffset).toBe(place.byteOffset);
    expect(train.buffers[`slot.m:${name}`]?.byteOffset).toBe(place.byteOffset);
    expect(train.buffers[`slot.v:${name}`]?.byteOffset).toBe(place.byteOffset);
  }
  const sizes = (entry: Entry) => new Map(entry.blocks.map(({ name, bytes }) => [name, bytes]));
  expect(sizes(evaluate).get("parameters")).toBe(sizes(train).get("parameters"));
  const flat = (sizes(train).get("parameters") as number) / 4;
  const adamCall = train.calls.findLast(({ op }) => op === "Map") as Call;
  for (const operand of adamCall.inputs.slice(0, 4)) expect(operand.shape).toEqual([flat]);
});

test("every offset honours the target's alignment, and the size of an element", () => {
  for (const precision of [32, 64] as const) {
    for (const alignmentBytes of [1, 4, 8, 256]) {
      const { calls } = planEntry("train@16", training(), target({ alignmentBytes, precision }));
      for (const { byteOffset, dtype } of calls.flatMap((call) => [
        ...call.inputs,
        ...call.outputs,
      ])) {
        expect(byteOffset % alignmentBytes).toBe(0);
        expect(byteOffset % bytesPerElement(dtype, precision)).toBe(0);
      }
    }
  }
});

test("a block's bytes are those of its tensors, which at 64 bits are floats of 8 and integers of 4", () => {
  const bytesOf = (precision: 32 | 64) => {
    const { blocks } = planEntry("t", training(), target({ alignmentBytes: 8, precision }));
    return Object.fromEntries(blocks.map(({ name, bytes }) => [name, bytes]));
  };
  const [single, double] = [bytesOf(32), bytesOf(64)];
  const [order, metrics] = ["order:128", "metrics"];
  expect([single[order], double[order]]).toEqual([128 * 4, 128 * 4]);
  expect(double[metrics]).toBe(2 * (single[metrics] as number));
  expect(double.parameters).toBeGreaterThan(single.parameters as number);
  expect([single["data.x"], double["data.x"]]).toEqual([0, 0]);
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

test("of two products that are each other's bias one takes the other in, and none is lost", () => {
  const builder = new GraphBuilder();
  const x = builder.persistent("input@1", "input", [1, 3]);
  const [w, u] = [0, 1].map((index) =>
    builder.persistent(`parameter:${index}`, "parameter", [3, 4]),
  ) as [number, number];
  const products = [w, u].map((weight) =>
    builder.op("BatchMatMul", [x, weight], { transposeA: false, transposeB: false }),
  );
  const sum = builder.op("Relu", [builder.op("Add", products)]);
  builder.opInto("Neg", [sum], builder.persistent("output@1", "metric", [1, 4]));
  const { calls } = planEntry("two products", builder.build(), target({ ops: opNames() }));
  expect(calls.map(({ op }) => op)).toEqual(["BatchMatMul", "_FusedMatMul", "Neg"]);
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
  const { calls } = planEntry("expanded", builder.build(), target({ ops: unmapped }));
  expect(calls.map(({ op }) => op)).toEqual(["BatchMatMul", "Add", "Relu", "Identity"]);
});

/** What planning throws. */
function refusal(options: Partial<PlanTarget>): unknown {
  try {
    planEntry("train@16", training(), target(options));
  } catch (error) {
    return error;
  }
  return undefined;
}

test("what a device lacks is named, and planning for it refused as LacksOp", () => {
  const ops = primitives.filter((name) => name !== "GlobalNorm" && name !== "Dropout");
  expect(missing(training(), ops)).toEqual(["Dropout", "GlobalNorm"]);
  expect(refusal({ ops })).toMatchObject({
    kind: "LacksOp",
    message: "[hone] plan: the device lacks Dropout, GlobalNorm. Choose another backend.",
  });
});

test("a block too large for the device is OutOfMemory, with both sizes", () => {
  expect(refusal({ maxBlockBytes: 400 })).toMatchObject({
    kind: "OutOfMemory",
    message: expect.stringMatching(
      /^\[hone\] train@16: block ".+" needs \d+ bytes in one piece, the device gives at most 400\. Use/,
    ),
  });
  const largest = planEntry("train@16", training(), target()).blocks.map(({ bytes }) => bytes);
  expect(refusal({ maxBlockBytes: Math.max(...largest) })).toBeUndefined();
});

test("every call tells its operations by the op table", () => {
  const { calls } = planEntry("train@16", training(), target());
  const [product] = calls.filter(({ op }) => op === "BatchMatMul");
  expect(product?.flops).toBe(2 * 16 * 6 * 8);
  for (const { op, flops } of calls) expect(flops, op).toBeGreaterThanOrEqual(0);
});

test("planning is a pure function", () => {
  const once = planEntry("train@16", training(), target());
  expect(planEntry("train@16", training(), target())).toEqual(once);
});
