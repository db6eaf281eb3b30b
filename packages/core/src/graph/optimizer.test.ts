import { expect, test } from "vitest";
import { holdEverything } from "../plan/everything.js";
import { applyOptimizer, scheduleColumns, scheduleRow, slotNames } from "./apply-optimizer.js";
import { GraphBuilder } from "./builder.js";
import {
  adam,
  adamax,
  adamW,
  lion,
  makeOptimizer,
  momentum,
  type Optimizer,
  optimizerKinds,
  rmsprop,
  sgd,
} from "./optimizer.js";

holdEverything();

test("every optimizer has a constructor of its name, whose defaults are those of the table", async () => {
  const exported: Readonly<Record<string, unknown>> = await import("./optimizer.js");
  for (const kind of optimizerKinds) {
    const make = exported[kind] as (rate?: number) => Optimizer;
    expect(make()).toEqual(makeOptimizer(kind));
    expect(make(0.5)).toMatchObject({ kind, learningRate: 0.5 });
  }
});

test.each([
  [() => sgd(0), /^\[hone\] sgd: the learning rate is 0\. Give a number above 0\./],
  [() => adam("fast" as never), /the learning rate is "fast"/],
  [() => adam(Number.NaN), /the learning rate is NaN/],
  [() => adam(1, { beta1: 1 }), /beta1 is 1\. Give a number from 0 up to, but not, 1/],
  [() => adam(1, { betta1: 0.5 } as never), /adam: there is no option "betta1"\. It takes beta1, /],
  [() => adam(1, { epsilon: "small" } as never), /epsilon is "small"\. Give a number above 0/],
  [() => momentum(1, 2), /momentum is 2\. Give a number from 0/],
  [() => momentum(1, 0.9, { useNesterov: 1 } as never), /useNesterov is 1\. Give true or false/],
  [() => sgd(1, { clipNorm: -1 }), /clipNorm is -1\. Give a number above 0, or 0 for none/],
  [() => sgd(1, { clipNorm: 1, clipValue: 1 }), /clipNorm and clipValue are both given\. Give one/],
  [() => sgd(1, { factors: { dense: -1 } }), /the factor of "dense" is -1/],
  [() => sgd(1, { factors: 3 } as never), /factors is 3\. Give an object/],
  [() => sgd(1, null as never), /its options are null/],
])("an option that does not fit is refused by name (%#)", (make, message) => {
  expect(make).toThrow(message);
});

test("the corrections of a step are computed in double precision", () => {
  const [rate, first, second] = scheduleRow(adam(), 99_999, 0.5) as [number, number, number];
  expect([rate, first, second]).toEqual([0.5, 1, 1 / (1 - 0.999 ** 100_000)]);
  expect(scheduleRow(adam(), 0, 1)[2]).toBeCloseTo(1000, 9);
  expect(scheduleRow(adamax(1, { decay: 1 }), 1, 1)[1]).toBeCloseTo(0.5 / (1 - 0.81), 12);
  expect([sgd(1), adamax(), adamW()].map(scheduleColumns)).toEqual([1, 2, 3]);
});

test("slots that the settings do not need are not kept", () => {
  expect(slotNames(rmsprop())).toEqual(["squares"]);
  expect(slotNames(rmsprop(1, { momentum: 0.5, centered: true }))).toEqual([
    "squares",
    "mean",
    "velocity",
  ]);
});

function built(optimizer: Optimizer, options: { labels?: string[]; group?: string } = {}) {
  const builder = new GraphBuilder();
  const of = (role: "parameter" | "gradient", index: number) =>
    builder.persistent(`${role}:${index}`, role, [3], { trainable: role === "parameter" });
  const parameters = [of("parameter", 0), of("parameter", 1), of("parameter", 2)];
  const gradients = [of("gradient", 0), of("gradient", 1), of("gradient", 2)];
  const settings = builder.persistent("settings", "state", [3]);
  const norm = builder.persistent("norm", "state", [1]);
  applyOptimizer(builder, optimizer, { parameters, gradients, settings, norm, ...options });
  const name = (id: number) => builder.tensor(id).name;
  const maps = builder.nodes.filter(({ op }) => op === "Map");
  return { builder, maps, written: maps.map(({ outputs }) => outputs.map(name)) };
}

test("one Map over flat views serves all parameters", () => {
  expect(built(adam()).written).toEqual([["parameters", "slots.m", "slots.v"]]);
  const { builder } = built(lion());
  expect(builder.tensors.find(({ name }) => name === "slot.m:parameter:1")?.block).toBe("slots.m");
});

test("a group's views, slots and blocks bear its name", () => {
  const { builder, written } = built(lion(), { group: "judge" });
  expect(written).toEqual([["parameters.judge", "slots.judge.m"]]);
  const slot = builder.tensors.find(({ name }) => name === "slot.judge.m:parameter:1");
  expect(slot?.block).toBe("slots.judge.m");
});

const labels = ["dense/kernel", "dense/bias", "dense_1/kernel"];

test("factors are by layer or weight, the longest name counts, and 0 leaves a weight alone", () => {
  const { maps, written } = built(sgd(1, { factors: { dense: 0.5, "dense/bias": 0 } }), { labels });
  expect(written).toEqual([["parameter:0"], ["parameter:2"]]);
  const codes = maps.map(({ attributes }) => String(attributes.code));
  expect(codes.map((code) => code.includes("constant 0.5"))).toEqual([true, false]);
});

test("a factor for what is not there is refused by name", () => {
  expect(() => built(sgd(1, { factors: { dens: 2 } }), { labels })).toThrow(
    /^\[hone\] sgd: factors names "dens", and no trainable weight or layer has that name\. There are dense\/kernel, /,
  );
});

test("clipping by each tensor's norm takes a norm of each", () => {
  const { builder, maps } = built(adam(1, { clipTensorNorm: 1 }));
  expect(maps).toHaveLength(3);
  expect(builder.nodes.filter(({ op }) => op === "GlobalNorm")).toHaveLength(3);
});
