import { afterEach, beforeEach, expect, test } from "vitest";
import { openCpu } from "../stock/cpu.js";
import type { Tensor } from "../stock/stock.js";
import { BlockMemory } from "./block-memory.js";
import { Kernels } from "./kernels.js";
import { Ledger, type Store } from "./source.js";

let store: Store;
let memory: BlockMemory;

beforeEach(async () => {
  store = { kernels: new Kernels(await openCpu()), ledger: new Ledger() };
  memory = new BlockMemory(store);
});

/** However a block was cut and joined, nothing is left of it. */
afterEach(() => {
  memory.clear();
  store.kernels.tidy();
  expect(store.ledger.use()).toEqual({ bytes: 0, allocations: 0 });
  expect(store.kernels.stock.instance.numDataIds()).toBe(0);
});

const put = (offset: number, ...values: number[]) =>
  memory.putValues(offset, Float32Array.from(values), "float32");
const all = async (length = 8) => [...(await memory.read(0, length, "float32"))];
const numbers = (tensor: Tensor) => [...store.kernels.stock.instance.readSync(tensor.dataId)];
const tensorOf = (...values: number[]) =>
  store.kernels.upload(Float32Array.from(values), [values.length], "float32");

test("what nothing was put into is zeros", async () => {
  expect(await all(3)).toEqual([0, 0, 0]);
  expect(numbers(memory.tensor(1, 2, "float32"))).toEqual([0, 0]);
  expect(memory.values(0, 3, "int32")).toEqual(new Int32Array(3));
});

test("a range put over others leaves what it does not cover", async () => {
  put(0, 1, 2, 3, 4, 5, 6, 7, 8);
  put(2, 30, 40);
  put(3, 400, 500, 600);
  expect(await all()).toEqual([1, 2, 30, 400, 500, 600, 7, 8]);
  expect(memory.cuts(0, 8)).toEqual([2, 3, 6]);
  expect(memory.cuts(3, 3)).toEqual([]);
});

test("a range is read as one tensor, be it part of one, of several, or of none", async () => {
  memory.putTensor(0, 4, tensorOf(1, 2, 3, 4), "float32");
  memory.putTensor(6, 2, tensorOf(7, 8), "float32");
  expect(numbers(memory.tensor(1, 2, "float32"))).toEqual([2, 3]);
  expect(numbers(memory.tensor(3, 4, "float32"))).toEqual([4, 0, 0, 7]);
  expect(await all()).toEqual([1, 2, 3, 4, 0, 0, 7, 8]);
  expect(numbers(memory.tensor(0, 8, "float32"))).toEqual([1, 2, 3, 4, 0, 0, 7, 8]);
});

test("a range read again is the same tensor, and nothing is copied", () => {
  put(0, 1, 2, 3, 4);
  const first = memory.tensor(1, 2, "float32", [2, 1]);
  const { allocations } = store.ledger.use();
  expect(memory.tensor(1, 2, "float32").dataId).toBe(first.dataId);
  expect(first.shape).toEqual([2, 1]);
  expect(store.ledger.use().allocations).toBe(allocations);
});

test("a read sees the block as it was, whatever is put there before it resolves", async () => {
  memory.putTensor(0, 3, tensorOf(1, 2, 3), "float32");
  const before = all(3);
  memory.putTensor(0, 3, tensorOf(4, 5, 6), "float32");
  const after = all(3);
  memory.clear();
  expect([await before, await after]).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
});

test("what only the host looks at never becomes a tensor", () => {
  memory.putValues(0, Int32Array.of(5, 6, 7), "int32");
  expect([...memory.values(1, 2, "int32")]).toEqual([6, 7]);
  expect(store.kernels.stock.instance.numDataIds()).toBe(0);
});

test("a tensor that is its input's data under another name is freed once each", () => {
  memory.putTensor(0, 2, tensorOf(1, 2), "float32");
  const same = store.kernels.run("Identity", { x: memory.tensor(0, 2, "float32") });
  memory.putTensor(4, 2, same, "float32");
  store.kernels.tidy();
  memory.putTensor(0, 2, tensorOf(3, 4), "float32");
  expect(numbers(memory.tensor(4, 2, "float32"))).toEqual([1, 2]);
});
