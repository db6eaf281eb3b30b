import { expect, test } from "vitest";
import { GraphBuilder } from "./builder.js";
import { gradients } from "./gradient.js";

type Range = readonly [begin: readonly number[], size: readonly number[]];

/** The nodes that the gradient of a tensor is made of, which is read in these ranges. */
function gradientOf(shape: readonly number[], ranges: readonly Range[], alsoRead = false) {
  const builder = new GraphBuilder();
  const x = builder.persistent("x", "input", shape);
  const results = ranges.map(([begin, size]) => builder.op("Slice", [x], { begin, size }));
  if (alsoRead) results.push(builder.op("Neg", [x]));
  const seeds = new Map(
    results.map((id, at) => [id, builder.persistent(`d${at}`, "input", builder.shape(id))]),
  );
  const before = builder.nodes.length;
  const found = gradients(builder, seeds, [x]);
  const nodes = builder.nodes.slice(before);
  const extents = nodes.at(-1)?.inputs.map((id) => builder.shape(id));
  expect(builder.shape(found.get(x) as number)).toEqual(shape);
  return { ops: nodes.map(({ op }) => op), extents };
}

const columns = (begin: number, size: number): Range => [
  [0, begin],
  [2, size],
];

test("slices that together are the whole give one Concat, in whatever order they were taken", () => {
  const { ops, extents } = gradientOf([2, 12], [columns(7, 5), columns(0, 3), columns(3, 4)]);
  expect(ops).toEqual(["Concat"]);
  expect(extents).toEqual([
    [2, 3],
    [2, 4],
    [2, 5],
  ]);
});

test("what no slice read is zeros in the same Concat", () => {
  const { ops, extents } = gradientOf([2, 12], [columns(8, 2), columns(1, 3)]);
  expect(ops).toEqual(["Fill", "Fill", "Fill", "Concat"]);
  expect(extents?.map(([, extent]) => extent)).toEqual([1, 3, 4, 2, 2]);
});

test("another reader's gradient is added to it", () => {
  const { ops } = gradientOf([2, 6], [columns(0, 3), columns(3, 3)], true);
  expect(ops).toEqual(["Neg", "Concat", "Add"]);
});

test("two slices of one range are added before they take their place", () => {
  const { ops } = gradientOf([2, 6], [columns(0, 3), columns(3, 3), columns(0, 3)]);
  expect(ops).toEqual(["Add", "Concat"]);
});

test("slices that overlap are joined as far as they do not", () => {
  const { ops } = gradientOf([2, 6], [columns(0, 3), columns(1, 3), columns(3, 3)]);
  expect(ops).toEqual(["Concat", "PadV2", "Add"]);
});

test("a lone slice, and one that is cut along two axes, are padded", () => {
  expect(gradientOf([2, 6], [columns(1, 3)]).ops).toEqual(["PadV2"]);
  const corner: Range = [
    [0, 0],
    [1, 3],
  ];
  const other: Range = [
    [1, 3],
    [1, 3],
  ];
  expect(gradientOf([2, 6], [corner, other]).ops).toEqual(["PadV2", "PadV2", "Add"]);
});

test("a slice of what was sliced takes its gradient after it is whole", () => {
  const builder = new GraphBuilder();
  const x = builder.persistent("x", "input", [2, 8]);
  const half = builder.op("Slice", [x], { begin: [0, 4], size: [2, 4] });
  const rest = builder.op("Slice", [x], { begin: [0, 0], size: [2, 4] });
  const quarters = [0, 2].map((at) =>
    builder.op("Slice", [half], { begin: [0, at], size: [2, 2] }),
  );
  const seeds = [rest, ...quarters].map(
    (id, at) => [id, builder.persistent(`d${at}`, "input", builder.shape(id))] as const,
  );
  const before = builder.nodes.length;
  gradients(builder, new Map(seeds), [x]);
  expect(builder.nodes.slice(before).map(({ op }) => op)).toEqual(["Concat", "Concat"]);
});

test("a sequence taken apart into steps costs its gradient one node, not two for each step", () => {
  const steps = Array.from(
    { length: 60 },
    (_, at): Range => [
      [0, at, 0],
      [2, 1, 3],
    ],
  );
  const { ops, extents } = gradientOf([2, 60, 3], steps);
  expect(ops).toEqual(["Concat"]);
  expect(extents).toHaveLength(60);
});
