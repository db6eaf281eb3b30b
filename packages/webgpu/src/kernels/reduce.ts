/** Reductions over axes and along rows, each with one order of addition that the shapes decide. */
import { type Operand, reductionExtents, sizeOf } from "@hone/core/backend";
import argmax from "./argmax.wgsl";
import { overElements } from "./elementwise.js";
import {
  type Dispatch,
  dispatch,
  input,
  type Kernel,
  type Kernels,
  numbersOf,
  output,
  powerOfTwo,
  type Traits,
  type Workspace,
  workspace,
} from "./kernel.js";
import number from "./library/number.wgsl";
import rowsLibrary from "./library/rows.wgsl";
import reduce from "./reduce.wgsl";
import softmax from "./softmax.wgsl";

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

const MOST_LANES = 256;
/** Workgroups that keep a GPU busy; fewer results than that are made in parts. */
const BUSY = 64;
const LEAST_PART = 1024;

/** One dispatch, or two when few results have many terms. */
export function reduction(of: Reduction): readonly Dispatch[] {
  const outputs = of.outer * of.inner;
  if (outputs === 0) return [];
  const { columns } = tileOf(of);
  const groups = Math.ceil(outputs / columns);
  const wanted = Math.min(Math.ceil(BUSY / groups), Math.ceil(of.depth / LEAST_PART));
  if (wanted <= 1) return [reduceOnce(of, 1, of.depth)];
  const partDepth = Math.ceil(of.depth / wanted);
  const parts = Math.ceil(of.depth / partDepth);
  const partial = workspace(parts * outputs);
  return [
    reduceOnce({ ...of, result: partial, finish: "x" }, parts, partDepth),
    reduceOnce({ ...of, x: partial, outer: 1, depth: parts, inner: outputs, term: "x" }, 1, parts),
  ];
}

/** Neighbouring invocations take neighbouring elements: columns where there are any, else terms. */
function tileOf(of: Reduction): { columns: number; lanes: number } {
  const most = of.inner === 1 ? 1 : Math.min(32, powerOfTwo(of.inner));
  const lanes = of.traits.cooperative
    ? Math.min(MOST_LANES / most, powerOfTwo(Math.ceil(of.depth / 8)))
    : 1;
  return { columns: Math.max(most, Math.ceil(64 / lanes)), lanes };
}

function reduceOnce(of: Reduction, parts: number, partDepth: number): Dispatch {
  const outputs = of.outer * of.inner;
  const { columns, lanes } = tileOf({ ...of, depth: partDepth });
  const groups = Math.ceil(outputs / columns);
  return dispatch({
    sources: [reduce, number],
    constants: {
      OUTPUTS: outputs,
      DEPTH: of.depth,
      INNER: of.inner,
      COLUMNS: columns,
      LANES: lanes,
      COLUMN_GROUPS: groups,
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
    workgroups: groups * parts,
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

/** How rows are spread over invocations by the kernels that use library/rows.wgsl. */
export function rowTiles(rows: number, columns: number, traits: Traits) {
  const together = traits.cooperative && columns > 16;
  const lanes = together ? Math.min(MOST_LANES, powerOfTwo(Math.ceil(columns / 4))) : 1;
  const groupRows = Math.max(1, 32 / lanes);
  return {
    constants: { ROWS: rows, COLUMNS: columns, LANES: lanes, GROUP_ROWS: groupRows },
    sources: [rowsLibrary, number],
    workgroups: Math.ceil(rows / groupRows),
  };
}

function softmaxKernel(logarithm: boolean): Kernel {
  return (call, traits) => {
    const [x, result] = [input(call, 0), output(call)];
    const columns = x.shape.at(-1) as number;
    const tiles = rowTiles(sizeOf(x.shape) / columns, columns, traits);
    return [
      dispatch({
        sources: [softmax, ...tiles.sources],
        constants: { ...tiles.constants, LOGARITHM: logarithm },
        read: { x },
        write: { result },
        workgroups: tiles.workgroups,
      }),
    ];
  };
}

export const reductions: Kernels = {
  Sum: reduceKernel("sum"),
  Max: reduceKernel("maximum"),
  Min: reduceKernel("minimum"),
  ArgMax: argMaxKernel,
  Softmax: softmaxKernel(false),
  LogSoftmax: softmaxKernel(true),
};

export const norms: Kernels = { GlobalNorm: globalNormKernel };
