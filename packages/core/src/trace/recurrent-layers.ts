/**
 * tfjs's LSTM, GRU and SimpleRNN as one node each. Their own `call` is a loop whose every time step would be traced by
 * itself: right for any cell, and what is left to cells of other classes, masks, dropout between time steps and
 * activations that the recurrent ops lack.
 *
 * It is `call` that is stood in for, on the layer itself, since Bidirectional and TimeDistributed ask for nothing else.
 */
import { RECURRENT_ACTIVATIONS } from "../graph/ops/rules.js";
import type { Attributes } from "../graph/types.js";
import { tensorFrom } from "./engine.js";
import { take, transposed } from "./kernels/take.js";
import { drawnMask } from "./noise-layers.js";
import type { Recorder } from "./recorder.js";
import type { Kwargs, LayerLike, LayerVariableLike, ModelLayer, TensorLike } from "./tfjs-types.js";
import type { Traced, TracedBuilder } from "./traced.js";

interface Cell extends LayerLike {
  readonly units: number;
  readonly activation: LayerLike | null;
  readonly recurrentActivation?: LayerLike | null;
  readonly kernel: LayerVariableLike;
  readonly recurrentKernel: LayerVariableLike;
  readonly bias?: LayerVariableLike | null;
  readonly dropout: number;
  readonly recurrentDropout: number;
  readonly dropoutFunc?: unknown;
}

interface RecurrentLayer extends LayerLike {
  readonly cell: Cell;
  readonly goBackwards: boolean;
  readonly returnSequences: boolean;
  readonly returnState: boolean;
  call?: Call;
}

interface RecurrentKwargs extends Kwargs {
  readonly mask?: unknown;
  readonly initialState?: readonly TensorLike[] | null;
}

type Call = (inputs: unknown, kwargs?: RecurrentKwargs | null) => unknown;

interface CellOp {
  readonly op: string;
  readonly states: number;
  /** Results of the op: the state, then what its gradient needs; the second state stands second. */
  readonly results: number;
}

/** By the cell's class in tfjs. */
const CELLS: Readonly<Record<string, CellOp>> = {
  SimpleRNNCell: { op: "SimpleRNN", states: 1, results: 1 },
  GRUCell: { op: "GRU", states: 1, results: 2 },
  LSTMCell: { op: "LSTM", states: 2, results: 3 },
};

const LAYERS: readonly string[] = ["SimpleRNN", "GRU", "LSTM", "RNN"];

/** Runs `body` with the `call` of this layer, and of those it wraps, stood in for where it is a recurrent layer. */
export function catchingCalls<T>(layer: LayerLike, recorder: Recorder, body: () => T): T {
  const caught = recurrentIn(layer as ModelLayer).filter((one) => !Object.hasOwn(one, "call"));
  for (const one of caught) {
    const own = one.call as Call;
    one.call = (inputs, kwargs) =>
      callTraced(one, inputs, kwargs ?? {}, recorder) ?? own.call(one, inputs, kwargs);
  }
  try {
    return body();
  } finally {
    for (const one of caught) delete one.call;
  }
}

/** The class is tfjs's own: a user's subclass may do something else. */
const isOfTfjs = (one: object) => Object.hasOwn(one.constructor, "className");

function recurrentIn(layer: ModelLayer): readonly RecurrentLayer[] {
  const inner = [layer.forwardLayer, layer.backwardLayer, layer.layer];
  const found = inner.flatMap((one) => (one ? recurrentIn(one) : []));
  const known = layer.cell && isOfTfjs(layer) && LAYERS.includes(layer.getClassName());
  return known ? [layer as unknown as RecurrentLayer, ...found] : found;
}

/** What the layer gives, or undefined where its own `call` is to be traced. */
function callTraced(
  layer: RecurrentLayer,
  inputs: unknown,
  { mask, training, initialState }: RecurrentKwargs,
  recorder: Recorder,
): TensorLike | readonly TensorLike[] | undefined {
  const { cell } = layer;
  const rule = isOfTfjs(cell) ? CELLS[cell.getClassName()] : undefined;
  const attributes = rule && activations(cell);
  if (!rule || !attributes || mask || (training && cell.recurrentDropout > 0)) return undefined;
  if (training && cell.dropout > 0 && cell.dropoutFunc) return undefined;
  const [x, ...others] = (Array.isArray(inputs) ? inputs : [inputs]) as TensorLike[];
  if (!x || others.length > 0 || (initialState && initialState.length !== rule.states)) {
    return undefined;
  }
  const { build } = recorder;
  const sequence = build.float(recorder.resolve(x));
  if (sequence.shape.length !== 3) return undefined;
  // At a rate of 1 tfjs drops nothing.
  const dropout = training && cell.dropout < 1 ? cell.dropout : 0;
  const z = inputSums(layer, sequence, dropout, recorder);
  const state = [sequence.shape[0] as number, cell.units];
  const first = Array.from({ length: rule.states }, (_, at) => {
    const given = initialState?.[at];
    if (given) return build.dense(build.float(recorder.resolve(given)));
    return build.graph.op("Fill", [], { shape: state, value: 0 });
  });
  const kernel = recorder.resolve(cell.recurrentKernel.read());
  const operands = [build.dense(z), build.dense(kernel), ...first];
  const found = build.graph.several(rule.op, operands, rule.results, attributes);
  const states = found.slice(0, rule.states).map((id) => build.from(id));
  const ends = states.map((one) => lastStep(build, one));
  const output = layer.returnSequences
    ? transposed(build, states[0] as Traced, [1, 0, 2])
    : (ends[0] as Traced);
  const given = [output, ...(layer.returnState ? ends : [])].map((traced) =>
    tensorFrom(recorder.give(traced)),
  );
  return given.length === 1 ? given[0] : given;
}

/** Undefined where the recurrent ops lack one. */
function activations(cell: Cell): Attributes | undefined {
  const names = {
    activation: nameOf(cell.activation),
    ...("recurrentActivation" in cell && {
      recurrentActivation: nameOf(cell.recurrentActivation),
    }),
  };
  const isKnown = Object.values(names).every((name) => name !== undefined);
  return isKnown ? (names as Attributes) : undefined;
}

function nameOf(activation: LayerLike | null | undefined): string | undefined {
  if (!activation || !isOfTfjs(activation)) return undefined;
  const name = activation.getClassName();
  return RECURRENT_ACTIVATIONS.find((known) => known === name);
}

/** x · kernel + bias of all time steps, time first, in the order in which the layer takes them. */
function inputSums(
  { cell, goBackwards }: RecurrentLayer,
  x: Traced,
  dropout: number,
  recorder: Recorder,
): Traced {
  const { build } = recorder;
  const [batch, steps, features] = x.shape as readonly [number, number, number];
  let inOrder = transposed(build, x, [1, 0, 2]);
  if (goBackwards) {
    const places = Array.from({ length: steps }, (_, at) => steps - 1 - at);
    inOrder = take(build, inOrder, 0, places);
  }
  if (dropout > 0) {
    const mask = drawnMask(recorder, [batch, features], dropout);
    inOrder = build.elementwise("Multiply", [inOrder, mask]);
  }
  const rows = build.dense(build.reshape(inOrder, [steps * batch, features]));
  const kernel = build.dense(recorder.resolve(cell.kernel.read()));
  const product = build.from(
    build.graph.op("BatchMatMul", [rows, kernel], { transposeA: false, transposeB: false }),
  );
  const sums = cell.bias
    ? build.elementwise("Add", [product, recorder.resolve(cell.bias.read())])
    : product;
  return build.reshape(sums, [steps, batch, sums.shape[1] as number]);
}

function lastStep(build: TracedBuilder, states: Traced): Traced {
  const [steps, batch, units] = states.shape as readonly [number, number, number];
  const attributes = { begin: [steps - 1, 0, 0], size: [1, batch, units] };
  return build.reshape(build.from(build.graph.op("Slice", [build.dense(states)], attributes)), [
    batch,
    units,
  ]);
}
