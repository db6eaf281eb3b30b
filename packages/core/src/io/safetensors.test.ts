import { expect, test } from "vitest";
import { readSafetensors, valuesOf } from "./safetensors.js";
import { writeSafetensors } from "./safetensors-writer.js";
import { putTogether, takenApart } from "./test/checkpoints.js";

const where = "a.safetensors";
const tensors = [
  { name: "a", shape: [3], data: Float32Array.of(1, 2, 3) },
  { name: "b", shape: [2, 1], data: Float64Array.of(4, 5) },
  { name: "c", shape: [0], data: new Float32Array(0) },
];
const written = () => writeSafetensors(tensors, async () => ({ note: "text" }));

function refusal(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    readSafetensors(bytes, where);
    return "accepted";
  } catch (error) {
    expect(error).toMatchObject({ name: "HoneError", kind: "BadModelFile" });
    return (error as Error).message;
  }
}

test("tensors of both widths lie aligned behind a header of a multiple of eight bytes", async () => {
  const file = await written();
  const { text, header, data } = takenApart(file);
  expect(text.length % 8).toBe(0);
  expect(text).toMatch(/^\{"__metadata__":\{"note":"text"\},/);
  expect(header.b).toEqual({ dtype: "F64", shape: [2, 1], data_offsets: [0, 16] });
  expect(header.a).toEqual({ dtype: "F32", shape: [3], data_offsets: [16, 28] });
  expect(data).toHaveLength(28);
  const read = readSafetensors(file, where);
  const values = read.tensors.map((tensor) => [tensor.name, [...valuesOf(tensor)]]);
  expect(values).toContainEqual(["a", [1, 2, 3]]);
  expect(values).toContainEqual(["b", [4, 5]]);
  expect(values).toContainEqual(["c", []]);
  expect(read.metadata).toEqual({ note: "text" });
});

const F32 = (begin: number, end: number) =>
  `{"dtype":"F32","shape":[${(end - begin) / 4}],"data_offsets":[${begin},${end}]}`;

test.each([
  ["a gap", `{"a":${F32(0, 4)},"b":${F32(8, 12)}}`, 12, /"b" leaves a gap before it/],
  ["a gap at the beginning", `{"a":${F32(4, 8)}}`, 8, /"a" leaves a gap/],
  ["an overlap", `{"a":${F32(0, 8)},"b":${F32(4, 12)}}`, 12, /"b" overlaps the one before it/],
  ["one place for two", `{"a":${F32(0, 4)},"b":${F32(0, 4)}}`, 4, /"b" overlaps/],
  ["bytes behind the last", `{"a":${F32(0, 4)}}`, 5, /something was added to it/],
  ["bytes that lack", `{"a":${F32(0, 4)}}`, 3, /it is cut short/],
  ["a name twice", `{"a":${F32(0, 4)},"a":${F32(0, 4)}}`, 4, /has a name twice/],
  ["a name twice, once in other letters", `{"a":${F32(0, 4)},"\\u0061":${F32(0, 4)}}`, 4, /twice/],
  ["metadata twice", `{"__metadata__":{},"__metadata__":{}}`, 0, /has a name twice/],
  ["a field twice", `{"a":{"dtype":"F64",${F32(0, 4).slice(1)}}`, 4, /has a name twice/],
  ["a tensor called __proto__", `{"__proto__":${F32(0, 4)}}`, 4, /the key "__proto__"/],
  ["a field more", `{"a":{"x":1,${F32(0, 4).slice(1)}}`, 4, /do not agree/],
  ["another dtype", `{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}}`, 4, /"BF16"/],
  ["a dtype of every object", `{"a":{"dtype":"toString","shape":[1]}}`, 4, /"toString"/],
  ["no dtype", `{"a":{"shape":[1],"data_offsets":[0,4]}}`, 4, /has the dtype none/],
  ["a shape of another size", `{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 4, /agree/],
  [
    "a shape that overflows",
    `{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`,
    0,
    /do not agree/,
  ],
  ["a negative size", `{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}`, 4, /agree/],
  ["a fraction", `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0.5,4.5]}}`, 5, /agree/],
  ["three offsets", `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}`, 4, /agree/],
  ["offsets backwards", `{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}`, 4, /agree/],
  ["null for a tensor", `{"a":null}`, 0, /has the dtype none/],
  ["text for a tensor", `{"a":"F32"}`, 0, /has the dtype none/],
  ["metadata that is not text", `{"__metadata__":{"a":1}}`, 0, /not text by name/],
  ["metadata that is a list", `{"__metadata__":[]}`, 0, /not text by name/],
  ["a list", `[]`, 0, /not an object/],
  ["no JSON", `{"a":`, 0, /is not JSON/],
  ["a header of nothing", ``, 0, /is empty/],
  ["depth", "[".repeat(1000), 0, /nested deeper/],
])("a file with %s is refused", (_title, header, bytes, says) => {
  expect(refusal(putTogether(header, new Uint8Array(bytes)))).toMatch(says);
});

test("a header longer than the file, or than the format allows, is refused before it is read", () => {
  const file = putTogether("{}", new Uint8Array(0));
  expect(refusal(file)).toBe("accepted");
  const claim = (low: number, high: number) => {
    const copy = file.slice();
    new DataView(copy.buffer).setUint32(0, low, true);
    new DataView(copy.buffer).setUint32(4, high, true);
    return refusal(copy);
  };
  expect(claim(3, 0)).toMatch(/the file has 10 bytes, and its header alone 3: it is cut short/);
  expect(claim(2, 1)).toMatch(/its header would have 4294967298 bytes; at most 100000000 are read/);
  expect(claim(100_000_001, 0)).toMatch(/at most 100000000/);
});

test("two tensors of one name are not written", async () => {
  const twice = writeSafetensors([tensors[0]!, tensors[0]!], async () => ({}));
  await expect(twice).rejects.toThrow(/two tensors have one name/);
});
