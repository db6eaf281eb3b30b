import { expect, test } from "vitest";
import { floats, integersOf, runCall, type Value } from "../test/run-call.js";

const at = (value: Value, index: number) => value.data[index] as number;

test("Transpose moves axes of rank 2, 4 and 6", async () => {
  const matrix = floats([37, 19]);
  const [y] = await runCall("Transpose", {
    inputs: [matrix],
    outputs: [{ shape: [19, 37] }],
    attributes: { perm: [1, 0] },
  });
  y?.forEach((value, i) => {
    expect(value).toBe(at(matrix, (i % 37) * 19 + Math.floor(i / 37)));
  });
  const six = floats([2, 3, 2, 2, 3, 2]);
  const [z] = await runCall("Transpose", {
    inputs: [six],
    outputs: [{ shape: [2, 3, 2, 2, 3, 2] }],
    attributes: { perm: [5, 4, 3, 2, 1, 0] },
  });
  const places = [2, 3, 2, 2, 3, 2];
  for (let i = 0; i < 144; i++) {
    let rest = i;
    const digits: number[] = [];
    for (const extent of [...places].reverse()) {
      digits.unshift(rest % extent);
      rest = Math.floor(rest / extent);
    }
    const source = digits
      .reverse()
      .reduce((sum, digit, axis) => sum * (places[axis] as number) + digit, 0);
    expect(z?.[i]).toBe(at(six, source));
  }
});

test("Slice cuts along every axis, int32 too", async () => {
  const x = floats([4, 5, 6]);
  const [y] = await runCall("Slice", {
    inputs: [x],
    outputs: [{ shape: [2, 3, 6] }],
    attributes: { begin: [1, 2, 0], size: [2, 3, 6] },
  });
  y?.forEach((value, i) => {
    const [a, b, c] = [Math.floor(i / 18) + 1, (Math.floor(i / 6) % 3) + 2, i % 6];
    expect(value).toBe(at(x, a * 30 + b * 6 + c));
  });
  const [whole] = await runCall("Slice", {
    inputs: [integersOf([5], [1, 2, 3, 4, 5])],
    outputs: [{ shape: [2], dtype: "int32" }],
    attributes: { begin: [3], size: [2] },
  });
  expect([...(whole ?? [])]).toEqual([4, 5]);
});

test("Concat joins ten inputs along the first, a middle and the last axis", async () => {
  for (const axis of [0, 1, 2]) {
    const shapes = Array.from({ length: 10 }, (_, index) =>
      [2, 3, 4].map((extent, place) => (place === axis ? 1 + (index % 3) : extent)),
    );
    const inputs = shapes.map((shape, index) => floats(shape, index + 1));
    const total = shapes.reduce((sum, shape) => sum + (shape[axis] as number), 0);
    const shape = [2, 3, 4].map((extent, place) => (place === axis ? total : extent));
    const [y] = await runCall("Concat", { inputs, outputs: [{ shape }], attributes: { axis } });
    const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const outer = shape.slice(0, axis).reduce((a, b) => a * b, 1);
    const expected: number[] = [];
    for (let row = 0; row < outer; row++) {
      for (const [index, input] of inputs.entries()) {
        const width = (shapes[index]?.[axis] as number) * inner;
        expected.push(...input.data.subarray(row * width, (row + 1) * width));
      }
    }
    expect([...(y ?? [])]).toEqual(expected);
  }
});

test("PadV2 frames the input with any value", async () => {
  const x = floats([2, 3, 2]);
  for (const constantValue of [0, -1.5, Number.NEGATIVE_INFINITY]) {
    const [y] = await runCall("PadV2", {
      inputs: [x],
      outputs: [{ shape: [2, 6, 3] }],
      attributes: { paddings: [0, 0, 1, 2, 0, 1], constantValue },
    });
    y?.forEach((value, i) => {
      const [a, b, c] = [Math.floor(i / 18), (Math.floor(i / 3) % 6) - 1, i % 3];
      const inside = b >= 0 && b < 3 && c < 2;
      expect(value).toBe(inside ? at(x, a * 6 + b * 2 + c) : constantValue);
    });
  }
});

test("Tile repeats along every axis", async () => {
  const x = floats([2, 3]);
  const [y] = await runCall("Tile", {
    inputs: [x],
    outputs: [{ shape: [4, 9] }],
    attributes: { reps: [2, 3] },
  });
  y?.forEach((value, i) => {
    expect(value).toBe(at(x, (Math.floor(i / 9) % 2) * 3 + ((i % 9) % 3)));
  });
});
