/** Reductions over axes, each with one order of addition that the shapes decide. */
import { type Operand, reductionExtents, sizeOf } from "@hone/core/kernels";
import type { Workspace } from "../dispatch.js";
import argmax from "./argmax.wgsl";
import { joins } from "./concat.js";
import {
  input,
  type Kernel,
  type Kernels,
  type Launch,
  launch,
  numbersOf,
  output,
  overElements,
  type Traits,
  workspace,
} from "./kernel.js";
import { library } from "./library.js";
import reduce from "./reduce.wgsl";
import { partsOf, spreadColumns, tileOf } from "./reduction-tiles.js";

interface Reduction {
  readonly x: Operand | Workspace;
  readonly result: Operand | Workspace;
  readonly outer: number;
  readonly depth: number;
  readonly inner: number;
  readonly combine: "sum" | "maximum" | "minimum";
  /** What becomes of each term before and of the result after, as expressions of `x`. */
  readonly term: string;
  readonly finish: string;
  readonly traits: Traits;
}

/** One dispatch, or two when few results have many terms. */
export function reduction(of: Reduction): readonly Launch[] {
  const outputs = of.outer * of.inner;
  if (outputs === 0) return [];
  const { parts, partDepth } = partsOf(outputs, of);
  if (parts === 1) return [reduceOnce(of, 1, of.depth)];
  const partial = workspace(parts * outputs);
  return [
    reduceOnce({ ...of, result: partial, finish: "x" }, parts, partDepth),
    reduceOnce({ ...of, x: partial, outer: 1, depth: parts, inner: outputs, term: "x" }, 1, parts),
  ];
}

function reduceOnce(of: Reduction, parts: number, partDepth: number): Launch {
  const outputs = of.outer * of.inner;
  const { columns, lanes } = tileOf({ ...of, depth: partDepth });
  return launch({
    sources: [reduce, library.number],
    constants: {
      OUTPUTS: outputs,
      DEPTH: of.depth,
      INNER: of.inner,
      LANES: lanes,
      PARTS: parts,
      PART_DEPTH: partDepth,
      IS_SUM: of.combine === "sum",
    },
    prelude: [
      `fn term(x: f32) -> f32 { return ${of.term}; }`,
      `fn combine(a: f32, b: f32) -> f32 { return ${of.combine}(a, b); }`,
      `fn finish(x: f32) -> f32 { return ${of.finish}; }`,
    ],
    read: { x: of.x },
    write: { result: of.result },
    invocations: columns * lanes,
    spread: spreadColumns(outputs, parts, lanes),
  });
}

function reduceKernel(combine: Reduction["combine"]): Kernel {
  return (call, traits) => {
    const [x, result] = [input(call, 0), output(call)];
    const extents = reductionExtents(x.shape, numbersOf(call, "axes"));
    return reduction({
      x,
      result,
      outer: extents.outer,
      depth: extents.reduce,
      inner: extents.inner,
      combine,
      term: "x",
      finish: "x",
      traits,
    });
  };
}

const globalNormKernel: Kernel = (call, traits) => {
  const gradients = input(call, 0);
  return reduction({
    x: gradients,
    result: output(call),
    outer: 1,
    depth: sizeOf(gradients.shape),
    inner: 1,
    combine: "sum",
    term: "x * x",
    finish: "square_root(x)",
    traits,
  });
};

const argMaxKernel: Kernel = (call) => {
  const [x, result] = [input(call, 0), output(call)];
  const rows = sizeOf(result.shape);
  return overElements(rows, {
    sources: [argmax],
    constants: { ROWS: rows, COLUMNS: x.shape.at(-1) as number },
    read: { x },
    write: { result },
  });
};

export const kernels: Kernels = {
  ...joins,
  Sum: reduceKernel("sum"),
  Max: reduceKernel("maximum"),
  Min: reduceKernel("minimum"),
  GlobalNorm: globalNormKernel,
  ArgMax: argMaxKernel,
};
