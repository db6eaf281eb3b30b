import {
  type Columns,
  type Entry,
  type Operand,
  operandBytes,
  type TypedArray,
} from "@hone/core/backend";
import { expect, test } from "vitest";
import { changeInputs, floats, integers, openDevice, runCall } from "../test/run-call.js";

function operand(block: string, shape: readonly number[], dtype: Operand["dtype"]): Operand {
  return { block, byteOffset: 0, shape, dtype };
}

/** Gathers 2 rows of column "x" at `step`. */
async function gather(
  data: Columns[string]["data"],
  dtype: Operand["dtype"],
  output: Operand["dtype"],
  attributes: Entry["calls"][number]["attributes"],
  step: number,
  order?: readonly number[],
): Promise<TypedArray> {
  const device = openDevice();
  const y = operand("y", [2, 3], output);
  const picked = order
    ? [operand("order", [order.length], "int32"), operand("epochStart", [1], "int32")]
    : [];
  const entry: Entry = {
    name: "gather",
    blocks: [
      { name: "x", kind: "resident", bytes: 0 },
      { name: "y", kind: "memory", bytes: operandBytes(y, 64) },
      ...picked.map((place) => ({
        name: place.block,
        kind: "memory" as const,
        bytes: operandBytes(place, 64),
      })),
    ],
    buffers: { y },
    constants: picked.map((place, index) => ({
      operand: place,
      value: index === 0 ? Int32Array.from(order ?? []) : Int32Array.of(20),
    })),
    calls: [
      { op: "GatherRows", inputs: [operand("x", [3], dtype), ...picked], outputs: [y], attributes },
    ],
  };
  const executable = await device.load({ entries: [entry] });
  executable.bind("x", await device.upload({ x: { data, rowLength: 3 } }));
  executable.run("gather", { first: step, steps: 1 });
  const [result] = await executable.read(["y"]);
  return result as TypedArray;
}

const pixels = Uint8Array.from({ length: 15 }, (_, index) => index * 10);

test("GatherRows picks the rows the order names for the step, scaled and shifted", async () => {
  const attributes = { stride: 2, scale: 0.5, offset: 1 };
  const y = await gather(pixels, "uint8", "float32", attributes, 21, [0, 1, 4, 2, 3]);
  expect([...y]).toEqual([61, 66, 71, 31, 36, 41]);
});

test("without an order, rows come as they stand", async () => {
  const attributes = { stride: 2, scale: 1, offset: 0 };
  expect([...(await gather(pixels, "uint8", "float32", attributes, 1))]).toEqual([
    60, 70, 80, 90, 100, 110,
  ]);
});

test("an int32 output holds the value itself, without scale and offset", async () => {
  const data = Int32Array.from({ length: 15 }, (_, index) => -index);
  const attributes = { stride: 2, scale: 0.5, offset: 3 };
  const y = await gather(data, "int32", "int32", attributes, 20, [1, 0]);
  expect([...y]).toEqual([-3, -4, -5, 0, -1, -2]);
});

test("float columns keep their digits", async () => {
  const data = Float32Array.from({ length: 15 }, (_, index) => index / 7);
  const y = await gather(data, "float32", "float32", { stride: 1, scale: 1, offset: 0 }, 3);
  expect([...y]).toEqual([...data.slice(9)]);
});

test("a row that the data set lacks is an error that names the step", async () => {
  const attributes = { stride: 2, scale: 1, offset: 0 };
  await expect(gather(pixels, "uint8", "float32", attributes, 2)).rejects.toThrow(
    "[hone] GatherRows: step 2 asks for row 5 of a data set of 5 rows.",
  );
  await expect(gather(pixels, "uint8", "float32", attributes, 20, [0, 7])).rejects.toThrow(
    "step 20 asks for row 7 of a data set of 5 rows",
  );
  await expect(gather(pixels, "uint8", "float32", attributes, 21, [0, 1, 2])).rejects.toThrow(
    "step 21 asks for place 3 of the order, which is shorter",
  );
});

test("RecordStep writes one row of the ring and wraps around", async () => {
  const inputs = [floats([2, 3], [1, 2, 3, 4, 5, 6]), floats([1], [7]), floats([2], [8, 9])];
  const rows = async (step: number) => (await changeInputs("RecordStep", inputs, [0], { step }))[0];
  expect(await rows(0)).toEqual([7, 8, 9, 4, 5, 6]);
  expect(await rows(5)).toEqual([1, 2, 3, 7, 8, 9]);
});

test("RecordStep stores integers as floats", async () => {
  const inputs = [floats([1, 1], [0]), integers([1], [5])];
  expect(await changeInputs("RecordStep", inputs, [0])).toEqual([[5]]);
});

test("an in-place op whose output is elsewhere is refused", async () => {
  const inputs = [floats([1, 1], [0]), floats([1], [5])];
  await expect(runCall("RecordStep", inputs, { shape: [1, 1] })).rejects.toThrow(
    "[hone] RecordStep: internal: output 0 is not its input 0 in place",
  );
});
