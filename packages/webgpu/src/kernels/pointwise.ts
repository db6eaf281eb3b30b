/** Prints a kernel that makes each element of its results from the inputs' elements at the same place. */
import { broadcastStrides, type Call, type Operand, sizeOf } from "@hone/core/kernels";
import { axesConstants, coordinates, mergeAxes } from "./axes.js";
import { type Launch, output, overElements } from "./kernel.js";
import functions from "./library/functions.wgsl";
import pairs from "./library/pairs.wgsl";
import { library } from "./library.js";

/** What stands in WGSL for a call's operands. */
export interface Names {
  /** Of each input: its variable, and its element that goes with the results'. */
  readonly inputs: readonly string[];
  readonly elements: readonly string[];
  /** Of each output: the element to be made. */
  readonly results: readonly string[];
}

/** What calls a function of library/functions.wgsl, or of pairs.wgsl. */
const FUNCTIONS = /\b(sign_of|hyperbolic_tangent|sigmoid|error_function|softplus|s?elu)\(/;
const PAIRS = /\b(power|squared_difference|elu_gradient)\(/;

/** Files of the functions that the lines call. */
export const functionsFor = (lines: string): string[] => [
  ...(FUNCTIONS.test(lines) ? [functions] : []),
  ...(PAIRS.test(lines) ? [pairs] : []),
];

type Bound = Record<string, Operand>;

/** Variables for operands: one for each place, though it be an input and an output. */
export function bindings(inputs: readonly Operand[], outputs: readonly Operand[]) {
  const places = new Map<string, string>();
  const read: Bound = {};
  const write: Bound = {};
  const bound = (operand: Operand, into: Bound, fresh: string): string => {
    const place = `${operand.byteOffset} ${operand.block}`;
    const name = places.get(place) ?? fresh;
    if (!places.has(place)) into[name] = operand;
    places.set(place, name);
    return name;
  };
  // Outputs first: an input that is one of them is bound once, to be read and written.
  const written = outputs.map((operand, index) => bound(operand, write, `result${index}`));
  const asked = inputs.map((operand, index) => bound(operand, read, `input${index}`));
  return { inputs: asked, outputs: written, read, write };
}

/**
 * One invocation an element of the results, which are of one shape; inputs broadcast to it.
 * @param body WGSL that makes the results
 * @param isWalked whether an input is read element by element
 */
export function pointwise(
  call: Call,
  body: (names: Names) => string,
  isWalked: (input: number) => boolean = () => true,
): readonly Launch[] {
  const { shape } = output(call);
  const { inputs, outputs, read, write } = bindings(call.inputs, call.outputs);
  const isFlat = call.inputs.every(
    (operand, input) => !isWalked(input) || sizeOf(operand.shape) === sizeOf(shape),
  );
  const strides = call.inputs.map((operand, input) =>
    isWalked(input) ? broadcastStrides(operand.shape, shape) : shape.map(() => 0),
  );
  const lines = body({
    inputs,
    elements: inputs.map((name, input) => {
      const at = isFlat
        ? "index"
        : `dot(at.outer, INPUT${input}_OUTER) + dot(at.inner, INPUT${input}_INNER)`;
      return `${name}[${at}]`;
    }),
    results: outputs.map((name) => `${name}[index]`),
  });
  const make = `fn make(index: u32) {${isFlat ? "" : "\n  let at = coordinates(index);"}
${lines}
}
`;
  return overElements(sizeOf(shape), {
    sources: [make, ...functionsFor(lines), ...(isFlat ? [] : [coordinates]), library.number],
    constants: isFlat
      ? {}
      : axesConstants(
          mergeAxes(shape, strides),
          call.inputs.map((_, index) => `INPUT${index}`),
        ),
    read,
    write,
  });
}
