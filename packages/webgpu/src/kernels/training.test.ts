import { philox } from "@hone/core/backend";
import { expect, test } from "vitest";
import { floats, floatsOf, integersOf, numbers, relativeError, runCall } from "../test/run-call.js";

test("GatherRows picks rows of bytes in the epoch's order and scales them", async () => {
  const [rows, length] = [7, 5];
  const bytes = Uint8Array.from({ length: rows * length }, (_, index) => (index * 37) % 256);
  const order = [3, 1, 6, 0, 5, 2, 4];
  const [y] = await runCall("GatherRows", {
    inputs: [{ shape: [rows, length], data: bytes }, integersOf([7], order), integersOf([1], [10])],
    outputs: [{ shape: [2, length] }],
    attributes: { stride: 2, scale: 1 / 255, offset: -0.5 },
    step: 12,
    column: true,
  });
  const expected = [5, 2].flatMap((row) =>
    [...bytes.subarray(row * length, (row + 1) * length)].map((value) => value / 255 - 0.5),
  );
  expect(relativeError(y as Float32Array, expected)).toBeLessThan(1e-6);
});

test("GatherRows without an order walks the column, whatever its type", async () => {
  const attributes = { stride: 3, scale: 2, offset: 1 };
  const [whole] = await runCall("GatherRows", {
    inputs: [integersOf([8], [5, -6, 7, 8, -9, 10, 11, 12])],
    outputs: [{ shape: [3], dtype: "int32" }],
    attributes,
    step: 1,
    column: true,
  });
  expect([...(whole ?? [])]).toEqual([8, -9, 10]);
  const [scaled] = await runCall("GatherRows", {
    inputs: [integersOf([6], [5, -6, 7, 8, -9, 10])],
    outputs: [{ shape: [3] }],
    attributes,
    column: true,
  });
  expect([...(scaled ?? [])]).toEqual([11, -11, 15]);
  const data = numbers([8, 2]);
  const [real] = await runCall("GatherRows", {
    inputs: [{ shape: [8, 2], data }],
    outputs: [{ shape: [3, 2] }],
    attributes,
    step: 1,
    column: true,
  });
  const expected = [...data.subarray(6, 12)].map((value) => value * 2 + 1);
  expect(relativeError(real as Float32Array, expected)).toBeLessThan(1e-6);
  const [bytes] = await runCall("GatherRows", {
    inputs: [{ shape: [7], data: Uint8Array.of(1, 2, 3, 4, 5, 6, 250) }],
    outputs: [{ shape: [3], dtype: "int32" }],
    attributes: { ...attributes, stride: 4 },
    step: 1,
    column: true,
  });
  expect([...(bytes ?? [])]).toEqual([5, 6, 250]);
});

test("Dropout keeps exactly the elements that Philox keeps", async () => {
  const [length, seed, ordinal, step, rate] = [1003, -123_456_789, 5, 77, 0.3];
  const x = floats([length], 4);
  const [y] = await runCall("Dropout", {
    inputs: [x, integersOf([1], [seed])],
    outputs: [{ shape: [length] }],
    attributes: { rate, ordinal },
    step,
  });
  const block = new Uint32Array(4);
  const expected = Float32Array.from(x.data, (value, index) => {
    philox(block, index >>> 2, step, 0, 0, seed, ordinal);
    const kept = (block[index & 3] as number) >>> 8 >= Math.ceil(rate * 2 ** 24);
    return kept ? value / (1 - rate) : 0;
  });
  expect(Array.from(y ?? [], (value) => value === 0)).toEqual(
    Array.from(expected, (value) => value === 0),
  );
  expect(relativeError(y as Float32Array, expected)).toBeLessThan(1e-6);
});

test("ReadSchedule gives the step's row, and NaN outside of the schedule", async () => {
  const inputs = [floatsOf([3, 2], [9, 8, 0.1, 2, 7, 6]), integersOf([1], [4])];
  for (const [step, row] of [
    [5, [Math.fround(0.1), 2]],
    [3, [Number.NaN, Number.NaN]],
    [7, [Number.NaN, Number.NaN]],
  ] as const) {
    const [values] = await runCall("ReadSchedule", { inputs, outputs: [{ shape: [2] }], step });
    expect([...(values ?? [])]).toEqual(row);
  }
});

/** What OPS.md says of element `index`. */
function drawnNumber(
  distribution: string,
  index: number,
  step: number,
  [seed, ordinal]: [number, number],
) {
  const block = new Uint32Array(4);
  philox(block, index >>> 2, step, 0, 0, seed, ordinal);
  const unit = (lane: number) => ((block[lane] as number) >>> 8) / 2 ** 24;
  if (distribution === "uniform") return unit(index & 3);
  const pair = index & 2;
  const angle = 2 * Math.PI * unit(pair + 1);
  const radius = Math.sqrt(-2 * Math.log(unit(pair) + 2 ** -24));
  return radius * (index & 1 ? Math.sin(angle) : Math.cos(angle));
}

for (const length of [1, 6, 1003, 40_000]) {
  test(`Random makes ${length} uniform and normal numbers of Philox's`, async () => {
    const [seed, ordinal, step] = [-123_456_789, 5, 77];
    for (const distribution of ["uniform", "normal"]) {
      const [y] = await runCall("Random", {
        inputs: [integersOf([1], [seed])],
        outputs: [{ shape: [length] }],
        attributes: { shape: [length], distribution, ordinal },
        step,
      });
      const differences = Array.from(y ?? [], (value, index) =>
        Math.abs(value - drawnNumber(distribution, index, step, [seed, ordinal])),
      );
      expect(differences).toHaveLength(length);
      expect(Math.max(...differences)).toBeLessThanOrEqual(distribution === "uniform" ? 0 : 4e-6);
    }
  });
}

test("a Map reads its operands before it takes their place, and steers by single elements", async () => {
  const inputs = [floats([1000], 1), floats([1000], 2), floatsOf([3], [9, -2, 9])];
  const code = "input 0; input 1; element 2 1; Multiply 0 2; Add 1 3; Less 0 1; Select 5 0 4";
  const [first, second] = await runCall("Map", {
    inputs,
    inPlace: [0, 1],
    attributes: { code, results: [6, 0] },
  });
  const [a, b] = inputs.map(({ data }) => data) as [Float32Array, Float32Array];
  const expected = Float64Array.from(a, (x, index) => {
    const y = b[index] as number;
    return x < y ? x : y - 2 * x;
  });
  expect(relativeError(first as Float32Array, expected)).toBeLessThan(1e-6);
  expect(second).toEqual(a);
});

test("AssignMovingAverage moves the average in place", async () => {
  const [average, value] = [floats([9], 2), floats([9], 3)];
  const [after] = await runCall("AssignMovingAverage", {
    inputs: [average, value],
    inPlace: [0],
    attributes: { decay: 0.99 },
  });
  const expected = Float64Array.from(
    average.data,
    (old, index) => 0.99 * old + 0.01 * (value.data[index] as number),
  );
  expect(relativeError(after as Float32Array, expected)).toBeLessThan(1e-6);
});
