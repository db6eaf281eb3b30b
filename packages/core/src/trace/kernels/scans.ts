/** Running sums and products, products along axes, extrema's places, and numbers in a row. */
import { sizeOf } from "../../graph/geometry.js";
import type { Traced, TracedBuilder } from "../traced.js";
import { Arithmetic } from "./arithmetic.js";
import {
  axesOf,
  axisOf,
  type Kernel,
  type KernelCall,
  type Kernels,
  numberAttribute,
} from "./kernel.js";
import { folded, joined, padded, range, take, transposed, upTo } from "./take.js";

/** In as many passes as the axis' length has binary digits: each adds what lies 1, 2, 4, … before. */
const running =
  (op: "Add" | "Multiply", neutral: 0 | 1): Kernel =>
  ({ build, input, attributes }) => {
    const x = build.float(input("x"));
    const axis = axisOf(attributes.axis, x.shape.length);
    const extent = x.shape[axis] as number;
    const backwards = upTo(extent).reverse();
    const turned = (one: Traced) =>
      attributes.reverse === true ? take(build, one, 1, backwards) : one;
    const shifted = (one: Traced, by: number) =>
      padded(build, range(build, one, 1, 0, extent - by), 1, [by, 0], neutral);
    let sums = turned(folded(build, x, axis));
    if (attributes.exclusive === true) sums = shifted(sums, 1);
    for (let by = 1; by < extent; by *= 2) {
      sums = build.elementwise(op, [sums, shifted(sums, by)]);
    }
    return { ...build.reshape(turned(sums), x.shape), dtype: input("x").dtype };
  };

/** Halves are multiplied with each other until one element is left. */
function product({ build, input, attributes }: KernelCall): Traced {
  const x = input("x");
  const axes = axesOf(attributes.axis, x.shape);
  const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const result = axes.reduceRight<Traced>((whole, axis) => {
    let rest = folded(build, build.float(whole), axis);
    for (let extent = rest.shape[1] as number; extent > 1; extent = Math.ceil(extent / 2)) {
      if (extent % 2 === 1) rest = padded(build, rest, 1, [0, 1], 1);
      const half = Math.ceil(extent / 2);
      const halves = [range(build, rest, 1, 0, half), range(build, rest, 1, half, half)];
      rest = build.elementwise("Multiply", halves);
    }
    const shape = whole.shape.map((extent, at) => (at === axis ? 1 : extent));
    return build.reshape(rest, shape);
  }, x);
  const shape = attributes.keepDims === true ? kept : x.shape.filter((_, at) => !axes.includes(at));
  return { ...build.reshape(result, shape), dtype: x.dtype };
}

/** The first place of the largest element. */
function largest(build: TracedBuilder, x: Traced, axis: number): Traced {
  const others = x.shape.map((_, at) => at).filter((at) => at !== axis);
  const last = transposed(build, build.float(x), [...others, axis]);
  return build.from(build.graph.op("ArgMax", [build.dense(last)]), "int32");
}

const extremum =
  (isLargest: boolean): Kernel =>
  ({ build, input, attributes }) => {
    const x = build.float(input("x"));
    const axis = axesOf(attributes.axis, x.shape)[0] ?? 0;
    return largest(build, isLargest ? x : build.unary("Neg", x), axis);
  };

/** Taken one after another: the largest, then the largest of the rest. */
function topK(call: KernelCall): readonly Traced[] {
  const { build } = call;
  const x = build.float(call.input("x"));
  const count = numberAttribute(call, "k", 1);
  if (count > MOST_OF_TOP)
    call.refuse(`takes the ${count} largest elements. Take at most ${MOST_OF_TOP}`);
  const m = new Arithmetic(build);
  const extent = x.shape.at(-1) as number;
  const axis = x.shape.length - 1;
  const columns = build.constant(Float32Array.from(upTo(extent)), [extent], "float32");
  const [values, indices]: [Traced[], Traced[]] = [[], []];
  let rest = x;
  for (let at = 0; at < count; at++) {
    const place = largest(build, rest, axis);
    const column = build.reshape(place, [...place.shape, 1]);
    const isThere = m.equal(column, columns);
    // Of x itself: what was taken before is −∞ in the rest.
    const value = build.reduce("Sum", m.select(isThere, x, 0), [axis], true);
    values.push(value);
    indices.push(build.float(column));
    rest = m.select(isThere, Number.NEGATIVE_INFINITY, rest);
  }
  return [
    { ...joined(build, values, axis), dtype: call.input("x").dtype },
    { ...joined(build, indices, axis), dtype: "int32" },
  ];
}

const MOST_OF_TOP = 32;

/** Of zeros and ones. */
const logical =
  (op: "Min" | "Max"): Kernel =>
  ({ build, input, attributes }) => {
    const x = input("x");
    return {
      ...build.reduce(op, x, axesOf(attributes.axis, x.shape), attributes.keepDims === true),
      dtype: "bool",
    };
  };

const constants =
  (
    numberAt: (call: KernelCall, at: number) => number,
    countOf: (call: KernelCall) => number,
  ): Kernel =>
  (call) => {
    const values = Float32Array.from(upTo(countOf(call)), (at) => numberAt(call, at));
    const dtype = call.attributes.dtype === "int32" ? "int32" : "float32";
    return call.build.constant(values, [values.length], dtype);
  };

const spacing = (call: KernelCall) =>
  (numberAttribute(call, "stop") - numberAttribute(call, "start")) /
  Math.max(1, numberAttribute(call, "num", 1) - 1);

function diagonal({ build, input }: KernelCall): Traced {
  const x = build.float(input("x"));
  const count = sizeOf(x.shape);
  const ones = new Float32Array(count * count);
  for (let at = 0; at < count; at++) ones[at * count + at] = 1;
  const matrix = build.constant(ones, [count, count], "float32");
  const rows = build.elementwise("Multiply", [build.reshape(x, [count, 1]), matrix]);
  return { ...build.reshape(rows, [...x.shape, ...x.shape]), dtype: input("x").dtype };
}

export const scanKernels: Kernels = {
  Cumsum: running("Add", 0),
  Cumprod: running("Multiply", 1),
  Prod: product,
  ArgMax: extremum(true),
  ArgMin: extremum(false),
  TopK: topK,
  All: logical("Min"),
  Any: logical("Max"),
  LinSpace: constants(
    (call, at) => numberAttribute(call, "start") + at * spacing(call),
    (call) => numberAttribute(call, "num"),
  ),
  Range: constants(
    (call, at) => numberAttribute(call, "start") + at * numberAttribute(call, "step", 1),
    (call) =>
      Math.max(
        0,
        Math.ceil(
          (numberAttribute(call, "stop") - numberAttribute(call, "start")) /
            numberAttribute(call, "step", 1),
        ),
      ),
  ),
  Diag: diagonal,
};
