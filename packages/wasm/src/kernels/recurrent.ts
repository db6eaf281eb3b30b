/** Recurrent layers: the recurrent kernel into panels, then one call that takes each thread's rows through all steps. */
import { type Call, invariant, shapeOfInput } from "@hone/core/kernels";
import {
  type Argument,
  input,
  invoke,
  type KernelCall,
  type Lowering,
  type LoweringTable,
  output,
  Workspace,
} from "./lowering.js";
import { packedBytes, panelsOf, SCRATCH_BYTES } from "./products.js";

/** Rows in a unit: TILE_ROWS of assembly/tile.ts. */
const UNIT_ROWS = 6;

/** In the order of assembly/recurrent-activations.ts. */
const ACTIVATIONS: readonly unknown[] = ["linear", "relu", "tanh", "sigmoid", "hardSigmoid"];

function activationNumber(call: Call, name: string): number {
  const number = ACTIVATIONS.indexOf(call.attributes[name]);
  invariant(number >= 0, call.op, `there is no activation "${call.attributes[name]}"`);
  return number;
}

/** Columns [begin, begin + count) of a kernel [units, width]. */
interface Columns {
  readonly begin: number;
  readonly count: number;
}

interface Layer {
  readonly kernel: string;
  readonly gates: number;
  /** Which operand the recurrent kernel is, and which is [steps, batch, …]. */
  readonly matrix: number;
  readonly sequence: number;
  /** Addresses in the order of `Layer` in assembly/recurrent.ts: z, h0, c0, h, c, gates, dh, dc, dh0, dc0. */
  readonly operands: (call: Call) => readonly Argument[];
  readonly isGradient: boolean;
}

/** The parts of the kernel that a step multiplies by one after another. */
function partsOf(gates: number, units: number): readonly Columns[] {
  if (gates !== 3) return [{ begin: 0, count: gates * units }];
  return [
    { begin: 0, count: 2 * units },
    { begin: 2 * units, count: units },
  ];
}

const recurrent =
  ({ kernel, gates, matrix, sequence, operands, isGradient }: Layer): Lowering =>
  (call) => {
    const [units, width] = shapeOfInput(call, matrix) as readonly [number, number];
    const [steps, batch] = shapeOfInput(call, sequence) as readonly [number, number];
    const shared = new Workspace("shared");
    const calls: KernelCall[] = [];
    const places: Argument[] = [];
    for (const { begin, count } of partsOf(gates, units)) {
      const [k, n] = isGradient ? [count, units] : [units, count];
      const steps = isGradient ? [4, 4 * width] : [4 * width, 4];
      const packed = shared.take(packedBytes(k, n));
      const part = [4 * begin, k, n, ...steps];
      calls.push(invoke("recurrent/packKernel", panelsOf(n), input(call, matrix), packed, ...part));
      places.push(packed);
    }
    const [packed, packedOwn = 0] = places as [Argument, Argument?];
    const settings = [
      steps,
      batch,
      units,
      activationNumber(call, "activation"),
      gates === 1 ? 0 : activationNumber(call, "recurrentActivation"),
      new Workspace().take(SCRATCH_BYTES),
    ];
    const list = [...settings, packed, packedOwn, ...operands(call)];
    return [...calls, invoke(kernel, Math.ceil(batch / UNIT_ROWS), ...list)];
  };

export const lowerings: LoweringTable = {
  SimpleRNN: recurrent({
    kernel: "recurrent/simpleRnn",
    gates: 1,
    matrix: 1,
    sequence: 0,
    isGradient: false,
    operands: (call) => [input(call, 0), input(call, 2), 0, output(call), 0, 0, 0, 0, 0, 0],
  }),
  GRU: recurrent({
    kernel: "recurrent/gru",
    gates: 3,
    matrix: 1,
    sequence: 0,
    isGradient: false,
    operands: (call) => {
      return [input(call, 0), input(call, 2), 0, output(call), 0, output(call, 1), 0, 0, 0, 0];
    },
  }),
  LSTM: recurrent({
    kernel: "recurrent/lstm",
    gates: 4,
    matrix: 1,
    sequence: 0,
    isGradient: false,
    operands: (call) => [
      ...[input(call, 0), input(call, 2), input(call, 3)],
      ...[output(call), output(call, 1), output(call, 2), 0, 0, 0, 0],
    ],
  }),
  SimpleRNNGrad: recurrent({
    kernel: "recurrent/simpleRnnGrad",
    gates: 1,
    matrix: 0,
    sequence: 1,
    isGradient: true,
    operands: (call) => {
      return [output(call), 0, 0, input(call, 1), 0, 0, input(call, 2), 0, output(call, 1), 0];
    },
  }),
  GRUGrad: recurrent({
    kernel: "recurrent/gruGrad",
    gates: 3,
    matrix: 0,
    sequence: 2,
    isGradient: true,
    operands: (call) => [
      ...[output(call), input(call, 1), 0, input(call, 3), 0, input(call, 2)],
      ...[input(call, 4), 0, output(call, 1), 0],
    ],
  }),
  LSTMGrad: recurrent({
    kernel: "recurrent/lstmGrad",
    gates: 4,
    matrix: 0,
    sequence: 2,
    isGradient: true,
    operands: (call) => [
      ...[output(call), 0, input(call, 1), 0, input(call, 3), input(call, 2)],
      ...[input(call, 5), input(call, 4), output(call, 1), output(call, 2)],
    ],
  }),
};

export { lowerings as base } from "./base.js";
