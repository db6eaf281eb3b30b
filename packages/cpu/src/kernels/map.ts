/**
 * `Map`, interpreted: each instruction is a loop over a short piece of all values before the next one is looked at.
 * The loops are those of the ops that bear the instructions' names.
 */
import {
  broadcastStrides,
  invariant,
  shapeOfOutput,
  stridesOf,
  type TypedArray,
} from "@hone/core/backend";
import {
  type Instruction,
  isReadByElement,
  liveValues,
  readExpression,
  uniformValues,
} from "@hone/core/maps";
import { binaryLoops } from "./broadcasting.js";
import { unaryLoops } from "./elementwise.js";
import { floatOutput, input, type KernelFactory, type KernelTable } from "./kernel.js";
import { RowWalk } from "./row-walk.js";

/** Elements of a piece; the pieces of all values together should fit into the second cache. */
const PIECE = 512;

/** Of all Maps, since one computes at a time: the piece that the value of each place in an expression is in. */
const pieces: Float64Array[] = [];

function pieceFor(index: number): Float64Array {
  pieces[index] ??= new Float64Array(PIECE);
  return pieces[index];
}

/** Computes the first `n` elements of a value; `starts` tells where in each input the piece begins. */
type Loop = (n: number, starts: ArrayLike<number>) => void;

/** The second operand of Step is one number for all elements, but any value will do here. */
const stepLoop = (a: Float64Array, b: Float64Array, n: number) => {
  for (let i = 0; i < n; i++) {
    const value = a[i] as number;
    a[i] = value > 0 ? 1 : value <= 0 ? (b[i] as number) : Number.NaN;
  }
};

function operationLoop(
  { name, operands }: Extract<Instruction, { kind: "operation" }>,
  values: readonly Float64Array[],
  y: Float64Array,
): Loop {
  const [a, b, c] = operands.map((operand) => values[operand]) as [Float64Array, ...Float64Array[]];
  const unary = unaryLoops[name];
  const binary = name === "Step" ? stepLoop : binaryLoops[name];
  if (unary && !b) {
    return (n) => {
      y.set(a);
      unary(y, n);
    };
  }
  invariant(b, "Map", `${name} lacks an operand`);
  if (binary) {
    return (n) => {
      y.set(a);
      binary(y, b, n);
    };
  }
  invariant(name === "Select" && c, "Map", `there is no loop for ${name}`);
  return (n) => {
    for (let i = 0; i < n; i++) y[i] = (a[i] !== 0 ? b[i] : c[i]) as number;
  };
}

/** As the op that bears the instruction's name stores it: what is cut off at 1 − 10⁻⁷, say, is cut off where that op does. */
function rounded(loop: Loop, y: Float64Array): Loop {
  return (n, starts) => {
    loop(n, starts);
    for (let i = 0; i < n; i++) y[i] = Math.fround(y[i] as number);
  };
}

const map: KernelFactory = (call, views) => {
  const expression = readExpression(call.attributes);
  const { instructions, results } = expression;
  const inputs = call.inputs.map((_, index) => input(call, views, index));
  const outputs = call.outputs.map((_, index) => floatOutput(call, views, index));
  const shape = shapeOfOutput(call);
  const walk = new RowWalk(shape, [
    stridesOf(shape),
    // Inputs of which single elements are read alone stay where they are.
    ...call.inputs.map((operand, index) =>
      isReadByElement(expression, index)
        ? broadcastStrides(operand.shape, shape)
        : shape.map(() => 0),
    ),
  ]);
  const [own, ...strides] = walk.strides as [number, ...number[]];
  const values = instructions.map((_, index) => pieceFor(index));
  const isSingle = outputs[0] instanceof Float32Array;
  const loopOf = (instruction: Instruction, index: number): Loop => {
    const y = values[index] as Float64Array;
    invariant(instruction.kind !== "reduction", "Map", "it has no axis to reduce along");
    switch (instruction.kind) {
      case "constant": {
        const value = isSingle ? Math.fround(instruction.value) : instruction.value;
        return (n) => y.fill(value, 0, n);
      }
      case "element": {
        const x = inputs[instruction.input] as TypedArray;
        return (n) => y.fill(x[instruction.element] as number, 0, n);
      }
      case "input": {
        const x = inputs[instruction.input] as TypedArray;
        const stride = strides[instruction.input] as number;
        return (n, starts) => {
          const start = starts[instruction.input] as number;
          for (let i = 0; i < n; i++) y[i] = x[start + i * stride] as number;
        };
      }
      case "operation": {
        const loop = operationLoop(instruction, values, y);
        return isSingle ? rounded(loop, y) : loop;
      }
    }
  };
  const uniform = uniformValues(expression);
  const live = liveValues(expression);
  const loops = instructions.map(loopOf);
  const once = loops.filter((_, index) => live[index] && uniform[index]);
  const each = loops.filter((_, index) => live[index] && !uniform[index]);
  const sources = results.map((result) => values[result] as Float64Array);
  const starts = new Int32Array(inputs.length);
  return () => {
    for (const loop of once) loop(PIECE, starts);
    walk.start();
    for (let row = 0; row < walk.rows; row++) {
      for (let start = 0; start < walk.length; start += PIECE) {
        const n = Math.min(PIECE, walk.length - start);
        for (let index = 0; index < starts.length; index++) {
          starts[index] = (walk.offsets[index + 1] as number) + start * (strides[index] as number);
        }
        for (const loop of each) loop(n, starts);
        const first = (walk.offsets[0] as number) + start * own;
        for (let at = 0; at < outputs.length; at++) {
          const y = outputs[at] as TypedArray;
          const value = sources[at] as Float64Array;
          for (let i = 0; i < n; i++) y[first + i] = value[i] as number;
        }
      }
      walk.next();
    }
  };
};

export const mapKernels: KernelTable = { Map: map };
