import { readExpression } from "@hone/core/maps";
import { expect, test } from "vitest";
import { Arena } from "./arena.js";
import { mapModule } from "./generated/map-module.js";
import { KernelTable } from "./kernel-table.js";
import { moduleOf } from "./module.js";
import { packedKernels } from "./packed-kernels.js";
import { Team } from "./team.js";
import { compute, expectLikeReference, numbers, tested } from "./test/one-op.js";

test.each([1, 2, 3, 4, 5, 511, 512, 513, 2050])(
  "a Map of %i elements writes them all, and nothing behind them",
  async (size) => {
    const shape = [size];
    const code = "input 0; input 1; Multiply 0 1; constant 0.5; Add 2 3; Sub 4 0";
    const inputs = [{ shape }, { shape }];
    await expectLikeReference({
      op: "Map",
      inputs,
      changed: [1],
      attributes: { code, results: [5] },
    });
  },
);

test("values that several operations share are there wherever they are needed first", async () => {
  const shape = [77];
  const shared = "input 0; input 1; Add 0 1; constant 0.25; Less 0 1";
  for (const [more, results] of [
    ["EluGrad 2 2; Square 2; Add 5 6", [7]],
    ["Sign 2; Step 2 3; Multiply 5 6; Add 7 2", [8]],
    ["Select 4 2 0; Add 4 2; SquaredDifference 5 2; Rsqrt 3; Multiply 8 6", [7]],
    ["Exp 2; Tanh 2; Sigmoid 5; Maximum 6 7", [8]],
    ["Pow 0 3; Abs 2; Pow 6 3", [7]],
  ] as const) {
    const attributes = { code: `${shared}; ${more}`, results };
    const inputs = [{ shape, data: numbers(77, 3).map(Math.abs) }, { shape }];
    await expectLikeReference({ op: "Map", inputs, output: { shape }, attributes }, 1e-5);
  }
});

test("rows of every length are walked with what is broadcast along them", async () => {
  const code = "input 0; input 1; input 2; element 3 1; Multiply 0 1; Add 4 2; Multiply 5 3";
  for (const [rows, columns] of [
    [3, 1],
    [5, 7],
    [2, 1300],
    [600, 3],
  ] as const) {
    const shape = [rows, 2, columns];
    const inputs = [
      { shape },
      { shape: [rows, 1, columns] },
      { shape: [2, 1] },
      { shape: [3], data: [9, 0.5, 9] },
    ];
    await expectLikeReference({
      op: "Map",
      inputs,
      output: { shape },
      attributes: { code, results: [6] },
    });
  }
});

test.each([
  [40, 32],
  [300, 12],
  [3, 516],
  [700, 4],
])(
  "%i rows of %i elements lie one behind another, with rows read again for each",
  async (rows, columns) => {
    const shape = [rows, columns];
    const code = "input 0; input 1; input 2; input 3; Multiply 0 1; Add 4 2; Multiply 5 3";
    const inputs = [{ shape }, { shape: [columns] }, { shape: [1, columns] }, { shape: [1] }];
    const attributes = { code, results: [6] };
    await expectLikeReference({ op: "Map", inputs, output: { shape }, attributes });
    await expectLikeReference({ op: "Map", inputs, changed: [0], attributes });
  },
);

test("a number that only steers may be infinite or none", async () => {
  const attributes = {
    code: "input 0; element 1 0; constant Infinity; Minimum 0 2; Add 3 1",
    results: [4],
  };
  const inputs = [
    { shape: [2], data: [1, 2] },
    { shape: [1], data: [Number.NaN] },
  ];
  const values = await compute(tested, { op: "Map", inputs, output: { shape: [2] }, attributes });
  expect(values).toEqual([Number.NaN, Number.NaN]);
});

test("modules of Maps that nobody uses any more leave their places to others", async () => {
  const module = await moduleOf(packedKernels, { relaxed: false, shared: false });
  const arena = await Arena.make(module, false);
  const team = await Team.alone(arena);
  const kernels = new KernelTable(arena, team);
  const kernel = (constant: number) => {
    const expression = readExpression({
      code: `input 0; constant ${constant}; Add 0 1`,
      results: [2],
    });
    const made = mapModule({ expression, motions: ["moves"], period: 0, places: [-1] });
    return { name: "map", key: `${constant}`, bytes: made.bytes(false), family: "base" };
  };
  const kept = kernels.take(kernel(-1), "test");
  const places = new Set<number>();
  for (let constant = 0; constant < 1000; constant++) {
    places.add(kernels.take(kernel(constant), "test"));
    kernels.release(kernel(constant));
  }
  expect(places.size).toBeLessThan(300);
  expect(places.has(kept)).toBe(false);
  expect(kernels.take(kernel(999), "test")).toBe(kernels.numberOf("999", "test"));
  team.close();
});
