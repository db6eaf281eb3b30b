/** Rows chosen by numbers that are computed, and sums by such numbers. */
import { sizeOf } from "../../graph/geometry.js";
import type { Traced, TracedBuilder } from "../traced.js";
import { Arithmetic } from "./arithmetic.js";
import { axisOf, type KernelCall, type Kernels, numberAttribute } from "./kernel.js";
import { take, transposed } from "./take.js";

/** Whole numbers as a device reads them. */
function whole(build: TracedBuilder, x: Traced): number {
  const id = build.dense(x);
  return build.graph.tensor(id).dtype === "int32"
    ? id
    : build.graph.op("Cast", [id], { dtype: "int32" });
}

/** Rows [N, …] of a table [V, …]. */
function rowsOf(build: TracedBuilder, table: Traced, indices: Traced): Traced {
  const source = build.graph.op("Gather", [build.dense(build.float(table)), whole(build, indices)]);
  return build.from(source, table.dtype);
}

/** Sums rows [N, …] into a table of `count` rows. */
function summed(build: TracedBuilder, rows: Traced, ids: Traced, count: number): Traced {
  const inputs = [build.dense(build.float(rows)), whole(build, ids)];
  const source = build.graph.op("UnsortedSegmentSum", inputs, { numSegments: count });
  return build.from(source, rows.dtype);
}

function gather(call: KernelCall): Traced {
  const { build, attributes } = call;
  const [x, indices] = [call.input("x"), call.input("indices")];
  const axis = axisOf(attributes.axis, x.shape.length);
  const batchDims = numberAttribute(call, "batchDims");
  if (batchDims > 0) return gatherInRows(call, x, indices, axis, batchDims);
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  const known = build.valuesOf(indices);
  if (known && !indices.spread && known.length === sizeOf(indices.shape)) {
    const list = Array.from(known, Number);
    const extent = x.shape[axis] as number;
    const outside = list.find((index) => !(index >= 0 && index < extent));
    if (outside !== undefined)
      call.refuse(`gathers element ${outside} of ${extent}. Give indices within the axis`);
    return build.reshape(take(build, x, axis, list), shape);
  }
  const axes = x.shape.map((_, at) => at);
  const first = transposed(build, x, [axis, ...axes.filter((at) => at !== axis)]);
  const rows = rowsOf(build, first, indices);
  // The indices' axes go back to where the axis was.
  const before = axes.slice(0, axis).map((at) => indices.shape.length + at);
  const own = indices.shape.map((_, at) => at);
  const after = axes.slice(axis + 1).map((at) => indices.shape.length + at - 1);
  return build.reshape(transposed(build, rows, [...before, ...own, ...after]), shape);
}

/** Each row of a batch has indices of its own: a product with rows that are 1 at the index. */
function gatherInRows(
  call: KernelCall,
  x: Traced,
  indices: Traced,
  axis: number,
  batchDims: number,
): Traced {
  const { build } = call;
  if (axis !== batchDims)
    call.refuse("gathers along another axis than the first behind batchDims. Transpose first");
  const [count, extent] = [sizeOf(x.shape.slice(0, axis)), x.shape[axis] as number];
  const [inner, chosen] = [sizeOf(x.shape.slice(axis + 1)), sizeOf(indices.shape.slice(batchDims))];
  const columns = build.constant(
    Float32Array.from({ length: extent }, (_, at) => at),
    [extent],
    "float32",
  );
  const ids = build.reshape(build.float(indices), [count, chosen, 1]);
  const hot = build.elementwise("Equal", [ids, columns]);
  const table = build.reshape(build.float(x), [count, extent, inner]);
  const source = build.graph.op("BatchMatMul", [build.dense(hot), build.dense(table)], {
    transposeA: false,
    transposeB: false,
  });
  return build.reshape(build.from(source, x.dtype), [
    ...x.shape.slice(0, axis),
    ...indices.shape.slice(batchDims),
    ...x.shape.slice(axis + 1),
  ]);
}

/** Places in the first axes of a tensor, [N, axes], as numbers of its rows. */
function flatPlaces(build: TracedBuilder, indices: Traced, extents: readonly number[]): Traced {
  const strides = extents.map((_, axis) => sizeOf(extents.slice(axis + 1)));
  const weights = build.constant(Float32Array.from(strides), [strides.length], "float32");
  const terms = build.elementwise("Multiply", [build.float(indices), weights]);
  return build.reduce("Sum", terms, [indices.shape.length - 1], false);
}

function gatherNd(call: KernelCall): Traced {
  const { build } = call;
  const [x, indices] = [call.input("params"), call.input("indices")];
  const depth = indices.shape.at(-1) ?? 0;
  const [outer, inner] = [x.shape.slice(0, depth), x.shape.slice(depth)];
  const table = build.reshape(x, [sizeOf(outer), ...inner]);
  const places = flatPlaces(build, indices, outer);
  return build.reshape(rowsOf(build, table, places), [...indices.shape.slice(0, -1), ...inner]);
}

function scatterNd(call: KernelCall): Traced {
  const { build } = call;
  const shape = call.attributes.shape as readonly number[];
  return scattered(build, call.input("indices"), call.input("updates"), shape);
}

function scattered(
  build: TracedBuilder,
  indices: Traced,
  updates: Traced,
  shape: readonly number[],
): Traced {
  const depth = indices.shape.at(-1) ?? 0;
  const [outer, inner] = [shape.slice(0, depth), shape.slice(depth)];
  const places = flatPlaces(build, indices, outer);
  const rows = build.reshape(updates, [...places.shape, ...inner]);
  return build.reshape(summed(build, rows, places, sizeOf(outer)), shape);
}

/** How often, or whether, each number from 0 on stands in a row. */
function bincount(call: KernelCall): Traced {
  const { build, attributes } = call;
  const [x, weights] = [call.input("x"), call.optional("weights")];
  const size = numberAttribute(call, "size");
  const m = new Arithmetic(build);
  const bins = build.constant(
    Float32Array.from({ length: size }, (_, at) => at),
    [size],
    "float32",
  );
  const column = (one: Traced) => build.reshape(build.float(one), [...one.shape, 1]);
  const hot = m.equal(column(x), bins);
  const axis = x.shape.length - 1;
  if (attributes.binaryOutput === true) return build.reduce("Max", hot, [axis], false);
  const isWeighted = weights !== undefined && sizeOf(weights.shape) > 0;
  const counted = isWeighted ? m.mul(hot, column(weights)) : hot;
  return build.reduce("Sum", counted, [axis], false);
}

/** How many of a sorted row lie before each value. */
function searchSorted(call: KernelCall): Traced {
  const { build } = call;
  const [sorted, values] = [call.input("sortedSequence"), call.input("values")];
  const m = new Arithmetic(build);
  const row = build.reshape(sorted, [sorted.shape[0] as number, 1, sorted.shape[1] as number]);
  const column = build.reshape(values, [...values.shape, 1]);
  const isBefore =
    call.attributes.side === "right" ? m.lessEqual(row, column) : m.less(row, column);
  return { ...build.reduce("Sum", isBefore, [2], false), dtype: "int32" };
}

export const gatherKernels: Kernels = {
  GatherV2: gather,
  GatherNd: gatherNd,
  ScatterNd: scatterNd,
  UnsortedSegmentSum: (call) =>
    summed(
      call.build,
      call.input("x"),
      call.input("segmentIds"),
      numberAttribute(call, "numSegments"),
    ),
  SparseToDense: (call) => {
    const { build } = call;
    const shape = call.attributes.outputShape as readonly number[];
    const [indices, values] = [call.input("sparseIndices"), call.input("sparseValues")];
    const places =
      indices.shape.length === 1 ? build.reshape(indices, [...indices.shape, 1]) : indices;
    const count = places.shape[0] as number;
    const spread = values.shape.length === 0 ? { ...values, shape: [count], spread: true } : values;
    const hits = scattered(build, places, spread, shape);
    const fallback = call.optional("defaultValue");
    if (!fallback || build.numberOf(fallback) === 0) return hits;
    return call.refuse("fills the rest of a sparse tensor with another number than 0. Use 0");
  },
  DenseBincount: bincount,
  Bincount: bincount,
  SearchSorted: searchSorted,
};
