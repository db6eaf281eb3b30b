/** Kernels that move elements. */
import { backend_util, slice_util } from "@tensorflow/tfjs-core";
import type { Traced } from "../traced.js";
import { axisOf, type KernelCall, type Kernels, numberAttribute } from "./kernel.js";
import { joined, sliced, transposed, withExtent } from "./take.js";

function expandDims({ build, input, attributes }: KernelCall): Traced {
  const x = input("input");
  const axis = axisOf(attributes.dim, x.shape.length + 1);
  return build.reshape(x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]);
}

function split(call: KernelCall): readonly Traced[] {
  const { build, attributes } = call;
  const x = call.input("x");
  const axis = axisOf(attributes.axis, x.shape.length);
  const sizes = backend_util.prepareSplitSize(
    { shape: [...x.shape] } as Parameters<typeof backend_util.prepareSplitSize>[0],
    attributes.numOrSizeSplits as number | number[],
    axis,
  );
  let start = 0;
  return sizes.map((extent) => {
    const begin = x.shape.map((_, index) => (index === axis ? start : 0));
    start += extent;
    return sliced(build, x, begin, withExtent(x.shape, axis, extent));
  });
}

function unpack({ build, input, attributes }: KernelCall): readonly Traced[] {
  const x = input("value");
  const axis = axisOf(attributes.axis, x.shape.length);
  const result = x.shape.filter((_, index) => index !== axis);
  const size = x.shape.map((extent, index) => (index === axis ? 1 : extent));
  return Array.from({ length: x.shape[axis] as number }, (_, at) => {
    const begin = x.shape.map((_, index) => (index === axis ? at : 0));
    return build.reshape(sliced(build, x, begin, size), result);
  });
}

function pack({ build, all, attributes }: KernelCall): Traced {
  const parts = all();
  const axis = axisOf(attributes.axis, (parts[0]?.shape.length ?? 0) + 1);
  const stacked = parts.map((part) => {
    const shape = [...part.shape.slice(0, axis), 1, ...part.shape.slice(axis)];
    return build.reshape(part, shape);
  });
  return joined(build, stacked, axis);
}

function tile({ build, input, attributes }: KernelCall): Traced {
  const x = input("x");
  const reps = attributes.reps as readonly number[];
  const shape = x.shape.map((extent, axis) => extent * (reps[axis] as number));
  if (`${shape}` === `${x.shape}`) return x;
  const repeatsOnlyOnes = x.shape.every((extent, axis) => extent === 1 || reps[axis] === 1);
  if (!repeatsOnlyOnes) {
    return build.from(
      build.graph.op("Tile", [build.dense(build.float(x))], { reps: [...reps] }),
      x.dtype,
    );
  }
  const source = x.spread ? x.source : build.dense(x);
  return { shape, dtype: x.dtype, source, spread: true };
}

/** 1 where the index equals the column's number. */
function oneHot(call: KernelCall): Traced {
  const { build } = call;
  const indices = call.input("indices");
  const depth = numberAttribute(call, "depth");
  const [on, off] = [numberAttribute(call, "onValue", 1), numberAttribute(call, "offValue")];
  const columns = build.constant(
    Float32Array.from({ length: depth }, (_, at) => at),
    [depth],
    "float32",
  );
  const rows = build.reshape(build.float(indices), [...indices.shape, 1]);
  const hot = build.elementwise("Equal", [rows, columns]);
  const dtype = call.attributes.dtype === "float32" ? "float32" : "int32";
  if (on === 1 && off === 0) return { ...hot, dtype };
  return { ...build.elementwise("Select", [hot, build.scalar(on), build.scalar(off)]), dtype };
}

export const shapeKernels: Kernels = {
  ExpandDims: expandDims,
  Transpose: ({ build, input, attributes }) => {
    return transposed(build, input("x"), attributes.perm as readonly number[]);
  },
  Concat: ({ build, all, attributes }) => {
    const parts = all();
    return joined(build, parts, axisOf(attributes.axis, parts[0]?.shape.length ?? 0));
  },
  Slice: ({ build, input, attributes }) => {
    const x = input("x");
    const [begin, size] = slice_util.parseSliceParams(
      { shape: [...x.shape] } as Parameters<typeof slice_util.parseSliceParams>[0],
      attributes.begin as number | number[],
      attributes.size as number | number[],
    ) as [number[], number[]];
    return sliced(build, x, begin, size);
  },
  SplitV: split,
  Unpack: unpack,
  Pack: pack,
  PadV2: (call) => {
    const x = call.build.float(call.input("x"));
    const paddings = (call.attributes.paddings as readonly (readonly number[])[]).flat();
    if (paddings.every((count) => count === 0)) return x;
    const attributes = { paddings, constantValue: numberAttribute(call, "constantValue") };
    return call.build.from(
      call.build.graph.op("PadV2", [call.build.dense(x)], attributes),
      x.dtype,
    );
  },
  Tile: tile,
  OneHot: oneHot,
};
