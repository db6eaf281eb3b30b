/**
 * From tfjs functions over tensors and variables to graphs.
 *
 * Functions are called without values, as a model's `apply` is. Every variable a function reads becomes a parameter of
 * the program, which all functions share; a tensor made outside has values of one moment, and a program would go on
 * with them for ever: it is refused.
 */
import {
  type ModelGraph,
  type Port,
  type PortInfo,
  type Template,
  TRACE_BATCHES,
} from "../graph/template.js";
import type { Pieces } from "../turns.js";
import { foreignReader, tensorFrom } from "./engine.js";
import { oneTrace } from "./layers.js";
import { PROOF_BATCH, reconcile, type Trace } from "./reconcile.js";
import { Recorder } from "./recorder.js";
import { computed } from "./results.js";
import { isVariable, type LayersModelLike, type TensorLike } from "./tfjs-types.js";

/** What a function is called with: tensors by input, and the rows there are. */
export type ProgramCall = (inputs: never, context: { readonly batch: number }) => unknown;

export interface FunctionRequest {
  readonly name: string;
  readonly call: ProgramCall;
  /** A loss is one tensor, of which the mean is taken; a result may be several. */
  readonly gives: "loss" | "results";
}

/** A tf.Variable. */
export type VariableLike = TensorLike & { readonly name: string };

export interface TracedVariable {
  readonly variable: VariableLike;
  /** The tensor's name in every function's graph. */
  readonly name: string;
  /** `state` is what a layer updates while it trains. */
  readonly role: "parameter" | "state";
}

export interface TracedProgram {
  /** By name: `functions[0]` is a loss, `outputs` are results. Only inputs that are read are ports. */
  readonly functions: ReadonlyMap<string, Template<ModelGraph>>;
  /** Those first that were given, then as functions read them. */
  readonly variables: readonly TracedVariable[];
  readonly warnings: readonly string[];
}

export interface ProgramRequest {
  readonly inputs: readonly PortInfo[];
  readonly functions: readonly FunctionRequest[];
  /** Variables in an order that must be kept. */
  readonly variables: readonly VariableLike[];
  /** Block of a variable's tensor; that of frozen parameters unless given. */
  readonly blockOf: (variable: VariableLike) => string | undefined;
  /** A model of which a function is made, if there is one: its layers are followed. */
  readonly model: LayersModelLike | undefined;
}

/** Numbers that two functions draw in one step must differ. */
const ORDINALS = 4096;

/** In pieces, one for each trace. @throws UnsupportedModel naming the function, what it does and what to do instead */
export function* tracingProgram(request: ProgramRequest): Pieces<TracedProgram> {
  const readForeign = foreignReader();
  const warnings = new Set<string>();
  const variables = new Map<VariableLike, TracedVariable["role"]>();
  for (const variable of request.variables) variables.set(variable, "parameter");
  const trace = (index: number, batch: number): Trace => {
    const one = request.functions[index] as FunctionRequest;
    const recorder = new Recorder(`function "${one.name}"`, readForeign);
    recorder.followsLayers = request.model !== undefined;
    const advice = "Check that it runs on tensors of one row.";
    const model = oneTrace(recorder, request.model, advice, () =>
      record(recorder, request, index, { batch, variables }),
    );
    for (const warning of recorder.warnings) warnings.add(warning);
    for (const variable of recorder.updated) variables.set(variable as VariableLike, "state");
    return { model, constantLabels: recorder.build.constantLabels };
  };
  // What the functions read, and what layers update, shows only once all were called.
  for (const index of request.functions.keys()) {
    trace(index, TRACE_BATCHES[0]);
    yield;
  }
  const functions = new Map<string, Template<ModelGraph>>();
  for (const [index, { name }] of request.functions.entries()) {
    const traces: Trace[] = [];
    for (const batch of [...TRACE_BATCHES, PROOF_BATCH]) {
      traces.push(trace(index, batch));
      yield;
    }
    functions.set(name, reconcile(...(traces as [Trace, Trace, Trace])));
  }
  const traced = [...variables].map(([variable, role], index) => ({
    variable,
    role,
    name: nameOf(index),
  }));
  return { functions, variables: traced, warnings: [...warnings] };
}

const nameOf = (index: number) => `variable:${index}`;

function record(
  recorder: Recorder,
  request: ProgramRequest,
  index: number,
  known: {
    readonly batch: number;
    readonly variables: Map<VariableLike, TracedVariable["role"]>;
  },
): ModelGraph {
  const { graph, build } = recorder;
  const { call, gives } = request.functions[index] as FunctionRequest;
  const { batch, variables } = known;
  recorder.randomOps = index * ORDINALS;
  const declare = (variable: VariableLike, place: number): number => {
    const role = variables.get(variable) ?? "parameter";
    const block = role === "state" ? "statistics" : (request.blockOf(variable) ?? "frozen");
    return graph.persistent(nameOf(place), role, variable.shape, { block });
  };
  for (const [place, variable] of [...variables.keys()].entries()) {
    recorder.bindWeight(variable, declare(variable, place));
  }
  recorder.bindForeign = (tensor) => {
    if (!isVariable(tensor)) {
      return recorder.refuse(
        `reads a tensor [${tensor.shape}] made outside of it, whose values would stay what they are now. Give it as an input, make it inside, or make it a tf.variable`,
      );
    }
    if (tensor.dtype !== "float32") {
      recorder.refuse(`reads the variable "${tensor.name}", which is ${tensor.dtype}. Use float32`);
    }
    variables.set(tensor as VariableLike, "parameter");
    const id = declare(tensor as VariableLike, variables.size - 1);
    recorder.bindWeight(tensor, id);
    return id;
  };
  const ports: Port[] = [];
  const result = call(lazyInputs(recorder, request.inputs, batch, ports) as never, { batch });
  if (gives === "loss") {
    const loss = tensorIn(result, recorder, "gives no tensor. Return the loss");
    const dense = computed(recorder, build.dense(build.float(recorder.resolve(loss))));
    return { ...bare, graph: graph.build(), inputs: ports, functions: [dense] };
  }
  const outputs = resultsOf(result, recorder).map(
    ([name, tensor]): Port => ({
      name,
      tensor: computed(recorder, build.dense(build.float(recorder.resolve(tensor)))),
    }),
  );
  return { ...bare, graph: graph.build(), inputs: ports, outputs };
}

const bare = { inputs: [], outputs: [], penalties: [], labels: [], functions: [] } as const;

/** Inputs by name, each a port from when it is first read. */
function lazyInputs(
  recorder: Recorder,
  inputs: readonly PortInfo[],
  batch: number,
  ports: Port[],
): object {
  const known = new Map<string, TensorLike>();
  const record = {};
  for (const { name, shape, dtype } of inputs) {
    const get = () => {
      const made = known.get(name);
      if (made) return made;
      const tensor = recorder.graph.persistent(`input:${name}`, "input", [batch, ...shape], {
        dtype,
      });
      ports.push({ name, tensor });
      const given = tensorFrom(recorder.give(recorder.build.from(tensor, dtype)));
      known.set(name, given);
      return given;
    };
    Object.defineProperty(record, name, { enumerable: true, get });
  }
  return record;
}

const isTensor = (value: unknown): value is TensorLike =>
  typeof value === "object" && value !== null && "dataId" in value;

function tensorIn(value: unknown, recorder: Recorder, otherwise: string): TensorLike {
  return isTensor(value) ? value : recorder.refuse(otherwise);
}

/** Tensors by name: `result` for a single one, numbers for a list's. */
function resultsOf(value: unknown, recorder: Recorder): readonly (readonly [string, TensorLike])[] {
  if (isTensor(value)) return [["result", value]];
  if (typeof value !== "object" || value === null) {
    return recorder.refuse("gives no tensor. Return one, or several in an object or a list");
  }
  return Object.entries(value).map(([name, one]) => [
    name,
    tensorIn(one, recorder, `gives no tensor as "${name}". Return tensors`),
  ]);
}
