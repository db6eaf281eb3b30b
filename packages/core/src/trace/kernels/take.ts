/** Elements chosen by numbers that are known while a model is compiled, along one axis. */
import { sizeOf } from "../../graph/geometry.js";
import type { Shape } from "../../graph/types.js";
import type { Traced, TracedBuilder } from "../traced.js";

/** Runs of neighbours up to which pieces are cut out and joined; beyond, a Gather moves them. */
const MOST_PIECES = 8;

/** 0, 1, … below `count`. */
export const upTo = (count: number) => Array.from({ length: count }, (_, at) => at);

/** A tensor [outer, n, inner], `n` being an axis of another one. */
export function folded(build: TracedBuilder, x: Traced, axis: number): Traced {
  const outer = sizeOf(x.shape.slice(0, axis));
  return build.reshape(x, [outer, x.shape[axis] as number, sizeOf(x.shape.slice(axis + 1))]);
}

export const withExtent = (shape: Shape, axis: number, extent: number): Shape =>
  shape.map((own, at) => (at === axis ? extent : own));

export function sliced(
  build: TracedBuilder,
  x: Traced,
  begin: readonly number[],
  size: readonly number[],
): Traced {
  if (`${size}` === `${x.shape}`) return x;
  const source = build.graph.op("Slice", [build.dense(x)], { begin: [...begin], size: [...size] });
  return build.from(source, x.dtype);
}

/** The range [begin, begin + extent) of one axis. */
export function range(
  build: TracedBuilder,
  x: Traced,
  axis: number,
  begin: number,
  extent: number,
): Traced {
  const begins = x.shape.map((_, at) => (at === axis ? begin : 0));
  return sliced(build, x, begins, withExtent(x.shape, axis, extent));
}

export function joined(build: TracedBuilder, parts: readonly Traced[], axis: number): Traced {
  const filled = parts.filter(({ shape }) => sizeOf(shape) > 0);
  const [first] = filled.length > 0 ? filled : parts;
  if (filled.length === 1 && first) return first;
  const sources = filled.map((part) => build.dense(build.float(part)));
  return build.from(build.graph.op("Concat", sources, { axis }), first?.dtype);
}

export function transposed(build: TracedBuilder, x: Traced, perm: readonly number[]): Traced {
  if (perm.every((axis, at) => axis === at)) return x;
  const source = build.graph.op("Transpose", [build.dense(build.float(x))], { perm: [...perm] });
  return build.from(source, x.dtype);
}

/** `before` and `after` more elements of one value along one axis. */
export function padded(
  build: TracedBuilder,
  x: Traced,
  axis: number,
  [before, after]: readonly [number, number],
  constantValue = 0,
): Traced {
  if (before === 0 && after === 0) return x;
  const paddings = x.shape.flatMap((_, at) => (at === axis ? [before, after] : [0, 0]));
  const attributes = { paddings, constantValue };
  return build.from(build.graph.op("PadV2", [build.dense(build.float(x))], attributes), x.dtype);
}

/** Elements begin, begin + stride, … along one axis, `count` of them. */
export function strided(
  build: TracedBuilder,
  x: Traced,
  axis: number,
  begin: number,
  count: number,
  stride: number,
): Traced {
  const shape = withExtent(x.shape, axis, count);
  if (stride === 1 || count <= 1) return range(build, x, axis, begin, count);
  const flat = folded(build, x, axis);
  const [outer, extent, inner] = flat.shape as readonly [number, number, number];
  const there = Math.min(count * stride, extent - begin);
  const whole = padded(build, range(build, flat, 1, begin, there), 1, [0, count * stride - there]);
  const steps = build.reshape(whole, [outer, count, stride * inner]);
  return build.reshape(range(build, steps, 2, 0, inner), shape);
}

/** Elements `indices` of one axis, in that order; each within the axis. */
export function take(
  build: TracedBuilder,
  x: Traced,
  axis: number,
  indices: readonly number[],
): Traced {
  const shape = withExtent(x.shape, axis, indices.length);
  const extent = x.shape[axis] as number;
  const times = indices.length / extent;
  if (Number.isInteger(times) && indices.every((index, at) => index === Math.floor(at / times))) {
    return repeated(build, x, axis, times);
  }
  const [first = 0, second = first + 1] = indices;
  const stride = second - first;
  if (stride > 0 && indices.every((index, at) => index === first + at * stride)) {
    return strided(build, x, axis, first, indices.length, stride);
  }
  const flat = folded(build, x, axis);
  const runs = runsOf(indices);
  if (runs.length <= MOST_PIECES) {
    const parts = runs.map(([begin, size]) => range(build, flat, 1, begin, size));
    return build.reshape(joined(build, parts, 1), shape);
  }
  return build.reshape(gathered(build, flat, indices), shape);
}

/** Each element `times` times in a row. */
function repeated(build: TracedBuilder, x: Traced, axis: number, times: number): Traced {
  if (times === 1) return x;
  const flat = folded(build, x, axis);
  const [outer, extent, inner] = flat.shape as readonly [number, number, number];
  const apart = build.dense(build.float(build.reshape(flat, [outer * extent, 1, inner])));
  const tiled = build.from(build.graph.op("Tile", [apart], { reps: [1, times, 1] }), x.dtype);
  return build.reshape(tiled, withExtent(x.shape, axis, extent * times));
}

/** Runs of neighbours: where each begins, and how long it is. */
function runsOf(indices: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const index of indices) {
    const last = runs.at(-1);
    if (last && index === last[0] + last[1]) last[1]++;
    else runs.push([index, 1]);
  }
  return runs;
}

/** Of [outer, n, inner]. */
function gathered(build: TracedBuilder, x: Traced, indices: readonly number[]): Traced {
  const rows = transposed(build, x, [1, 0, 2]);
  const list = build.graph.constant(Int32Array.from(indices), [indices.length]);
  const source = build.graph.op("Gather", [build.dense(build.float(rows)), list]);
  return transposed(build, build.from(source, x.dtype), [1, 0, 2]);
}
