/**
 * Op cases as one graph, planned and run as any model is: so that planning, fusing and memory reuse are
 * tested with the kernels, and a device makes its pipelines for many cases at once.
 */
import type { Columns, Device, TypedArray } from "@hone/core/backend";
import { type Graph, GraphBuilder, gradients, planEntry, simplify } from "@hone/core/internals";
import { type CaseInput, type OpCase, summed, type Tolerance } from "./cases/case.js";
import { valuesOf } from "./cases/values.js";

const ENTRY = "cases";
const DEFAULT_RANGE = { first: 3, steps: 1 };

/** One tensor to compare. */
export interface Compared {
  readonly opCase: OpCase;
  /** `value`, or `gradient for input 1`. */
  readonly what: string;
  /** The input a gradient is for. */
  readonly input?: number;
  readonly buffer: string;
  readonly tolerance: Tolerance;
}

export interface CaseGraph {
  readonly graph: Graph;
  readonly written: ReadonlyMap<string, TypedArray>;
  readonly residents: Columns;
  readonly compared: readonly Compared[];
  readonly range: { readonly first: number; readonly steps: number };
}

/** The steps a case runs; cases of one graph run the same. */
export const rangeOf = (opCase: OpCase) => opCase.range ?? DEFAULT_RANGE;

/** The name of an input's buffer. */
export const inputName = (caseIndex: number, input: number) => `case${caseIndex}.input${input}`;
/** The name of the buffer that holds the gradient of the loss for a case's result. */
export const upstreamName = (caseIndex: number, result: number) =>
  `case${caseIndex}.upstream${result}`;

/** Builds the graph of cases that have one range. */
export function caseGraph(cases: readonly OpCase[]): CaseGraph {
  const builder = new GraphBuilder();
  const written = new Map<string, TypedArray>();
  const residents: Record<string, Columns[string]> = {};
  const compared: Compared[] = [];
  for (const [index, opCase] of cases.entries()) {
    builder.label = `${opCase.op} ${opCase.name}`;
    const seed = seedOf(builder.label);
    const inputs = opCase.inputs.map((input, at) => {
      const name = inputName(index, at);
      const values = valuesOf(input, seed + at);
      if (input.resident) residents[name] = columnOf(input, values);
      else if (!input.constant) written.set(name, values);
      return declare(builder, name, input, values);
    });
    if (opCase.changed) {
      builder.inPlace(
        opCase.op,
        inputs,
        opCase.changed.map((at) => inputs[at] as number),
        opCase.attributes,
      );
      for (const input of opCase.changed) {
        compared.push({
          opCase,
          what: `what input ${input} became`,
          buffer: inputName(index, input),
          tolerance: opCase.tolerance,
        });
      }
      continue;
    }
    const results = computed(builder, opCase, inputs);
    if (opCase.gradient) {
      const upstreams = results.map((result, at) => {
        const shape = builder.shape(result);
        const name = upstreamName(index, at);
        written.set(name, valuesOf({ shape, values: { kind: "normal" } }, seed + 100 + at));
        return builder.persistent(name, "input", shape);
      });
      compared.push(...differentiated(builder, index, opCase, inputs, results, upstreams));
    }
    for (const [at, result] of results.entries()) {
      const buffer = nameResult(builder, result, `case${index}.result${at}`);
      compared.push({ opCase, what: "value", buffer, tolerance: opCase.tolerance });
    }
  }
  const range = rangeOf(cases[0] as OpCase);
  return { graph: simplify(builder.build()), written, residents, compared, range };
}

/** Runs the cases on a device and gives what `compared` names, in order. */
export async function runCaseGraph(device: Device, cases: CaseGraph): Promise<TypedArray[]> {
  const executable = await device.load({
    entries: [planEntry(ENTRY, cases.graph, device.target)],
  });
  try {
    const residents = await Promise.all(
      Object.entries(cases.residents).map(async ([name, column]) => {
        const resident = await device.upload({ [name]: column });
        executable.bind(name, resident);
        return resident;
      }),
    );
    for (const [name, values] of cases.written) executable.write(name, values);
    executable.run(ENTRY, cases.range);
    const results = await executable.read(cases.compared.map(({ buffer }) => buffer));
    for (const resident of residents) resident.dispose();
    return results;
  } finally {
    executable.dispose();
  }
}

/** The case's results: the last node's, then those it also compares. */
function computed(builder: GraphBuilder, opCase: OpCase, inputs: readonly number[]): number[] {
  const ids = [...inputs];
  if (opCase.results !== undefined) {
    return [...builder.several(opCase.op, inputs, opCase.results, opCase.attributes)];
  }
  const nodes = opCase.nodes ?? [
    {
      op: opCase.op,
      inputs: inputs.map((_, at) => at),
      ...(opCase.attributes ? { attributes: opCase.attributes } : {}),
    },
  ];
  for (const node of nodes) {
    const operands = node.inputs.map((at) => ids[at] as number);
    if (node.results === undefined) ids.push(builder.op(node.op, operands, node.attributes));
    else ids.push(...builder.several(node.op, operands, node.results, node.attributes));
  }
  const also = (opCase.alsoCompared ?? []).map((at) => ids[inputs.length + at] as number);
  return [ids.at(-1) as number, ...also];
}

function differentiated(
  builder: GraphBuilder,
  index: number,
  opCase: OpCase,
  inputs: readonly number[],
  results: readonly number[],
  upstreams: readonly number[],
): Compared[] {
  const wanted = inputs.filter((_, at) => isDifferentiated(opCase.inputs[at] as CaseInput));
  const seeds = new Map(results.map((result, at) => [result, upstreams[at] as number]));
  const found = gradients(builder, seeds, wanted);
  return [...found].map(([input, gradient]) => {
    const at = inputs.indexOf(input);
    return {
      opCase,
      what: `gradient for input ${at}`,
      input: at,
      buffer: nameResult(builder, gradient, `case${index}.gradient${at}`),
      tolerance: { ...summed, absolute: 2e-6 },
    };
  });
}

const isDifferentiated = ({ dtype = "float32", resident, constant }: CaseInput) =>
  dtype === "float32" && !resident && !constant;

function declare(
  builder: GraphBuilder,
  name: string,
  { shape, dtype = "float32", resident, constant }: CaseInput,
  values: TypedArray,
): number {
  if (constant) return builder.constant(values, shape);
  if (resident) return builder.persistent(name, "input", shape.slice(1), { dtype, resident });
  return builder.persistent(name, "input", shape, { dtype });
}

const columnOf = ({ shape }: CaseInput, data: TypedArray): Columns[string] => ({
  data: data as Uint8Array | Int32Array | Float32Array,
  rowLength: data.length / (shape[0] as number),
});

/** Makes a result readable under a name: itself where it is unnamed and has memory, else a copy. */
function nameResult(builder: GraphBuilder, id: number, name: string): string {
  const tensor = builder.tensor(id);
  if (tensor.role === "scratch" && builder.maker(id)?.op !== "Reshape") {
    builder.retype(id, "metric", name);
  } else {
    builder.opInto("Identity", [id], builder.persistent(name, "metric", tensor.shape));
  }
  return name;
}

/** A number for each name, so that a new case leaves the others' values as they were. */
function seedOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash & 0x3fffffff;
}
