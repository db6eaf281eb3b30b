/** `Map`: its expression printed as WGSL, a variable for each value. Pipelines are known by their text. */

import {
  broadcastStrides,
  type Expression,
  type Instruction,
  isReadByElement,
  liveValues,
  type Operand,
  readExpression,
  type ScalarOperation,
  sizeOf,
} from "@hone/core/backend";
import { axesConstants, mergeAxes } from "./axes.js";
import { COMPARISONS } from "./comparisons.js";
import { overElements } from "./elementwise.js";
import { floatBits, type Kernel, type Kernels, output } from "./kernel.js";
import coordinates from "./library/coordinates.wgsl";
import functions from "./library/functions.wgsl";
import number from "./library/number.wgsl";
import pairs from "./library/pairs.wgsl";

type Print = (a: string, b: string, c: string) => string;

const OPERATIONS: Readonly<Record<Exclude<ScalarOperation, Comparison | "Select">, Print>> = {
  Abs: (x) => `abs(${x})`,
  Neg: (x) => `-${x}`,
  Sign: (x) => `sign_of(${x})`,
  Sqrt: (x) => `square_root(${x})`,
  Rsqrt: (x) => `1.0 / square_root(${x})`,
  Square: (x) => `${x} * ${x}`,
  Reciprocal: (x) => `1.0 / ${x}`,
  Exp: (x) => `exponential(${x})`,
  Log: (x) => `logarithm(${x})`,
  Tanh: (x) => `hyperbolic_tangent(${x})`,
  Sigmoid: (x) => `sigmoid(${x})`,
  Erf: (x) => `error_function(${x})`,
  Softplus: (x) => `softplus(${x})`,
  Add: (a, b) => `${a} + ${b}`,
  Sub: (a, b) => `${a} - ${b}`,
  Multiply: (a, b) => `${a} * ${b}`,
  RealDiv: (a, b) => `${a} / ${b}`,
  Maximum: (a, b) => `maximum(${a}, ${b})`,
  Minimum: (a, b) => `minimum(${a}, ${b})`,
  Pow: (a, b) => `power(${a}, ${b})`,
  SquaredDifference: (a, b) => `squared_difference(${a}, ${b})`,
  EluGrad: (a, b) => `elu_gradient(${a}, ${b})`,
  Step: (x, alpha) => `select(select(${alpha}, 1.0, ${x} > 0.0), ${x}, is_nan(${x}))`,
};

type Comparison = keyof typeof COMPARISONS;
const isComparison = (name: ScalarOperation): name is Comparison =>
  Object.hasOwn(COMPARISONS, name);

const FUNCTIONS: readonly ScalarOperation[] = ["Sign", "Tanh", "Sigmoid", "Erf", "Softplus"];
const PAIRS: readonly ScalarOperation[] = ["Pow", "SquaredDifference", "EluGrad"];

/** WGSL has no literals for what is no number, nor for what is too small to be normal. */
function literal(value: number): string {
  const size = Math.abs(value);
  const isPlain = size > 1.2e-38 && size < 3.4e38;
  if (isPlain || Object.is(value, 0)) return `f32(${value})`;
  return `from_bits(${floatBits(value)}u)`;
}

/** @param indexOf where in its binding the element of an input lies */
function printed(
  { instructions, results }: Expression,
  names: { readonly inputs: readonly string[]; readonly outputs: readonly string[] },
  live: readonly boolean[],
  indexOf: (input: number) => string,
): string {
  const line = (instruction: Instruction, index: number): string => {
    switch (instruction.kind) {
      case "constant":
        return `let v${index} = ${literal(instruction.value)};`;
      case "element":
        return `let v${index} = ${names.inputs[instruction.input]}[${instruction.element}];`;
      case "input":
        return `let v${index} = ${names.inputs[instruction.input]}[${indexOf(instruction.input)}];`;
      case "operation": {
        const { name, operands } = instruction;
        const [a = "", b = "", c = ""] = operands.map((operand) => `v${operand}`);
        if (isComparison(name)) {
          return `let is${index} = ${a} ${COMPARISONS[name]} ${b}; let v${index} = select(0.0, 1.0, is${index});`;
        }
        if (name !== "Select") return `let v${index} = ${OPERATIONS[name](a, b, c)};`;
        const asked = instructions[operands[0] as number];
        const compares = asked?.kind === "operation" && isComparison(asked.name);
        const condition = compares ? `is${operands[0]}` : `${a} != 0.0`;
        return `let v${index} = select(${c}, ${b}, ${condition});`;
      }
    }
  };
  const lines = instructions.flatMap((instruction, index) =>
    live[index] ? [line(instruction, index)] : [],
  );
  const stores = names.outputs.map((name, at) => `${name}[index] = v${results[at]};`);
  return [...lines, ...stores].map((text) => `    ${text}`).join("\n");
}

const mapKernel: Kernel = (call) => {
  const expression = readExpression(call.attributes);
  const { shape } = output(call);
  const places = new Map<string, string>();
  const read: Record<string, Operand> = {};
  const write: Record<string, Operand> = {};
  const bound = (operand: Operand, into: Record<string, Operand>, fresh: string): string => {
    const place = `${operand.byteOffset} ${operand.block}`;
    const name = places.get(place) ?? fresh;
    if (!places.has(place)) into[name] = operand;
    places.set(place, name);
    return name;
  };
  // Outputs first: an input that is one of them is bound once, to be read and written.
  const outputs = call.outputs.map((operand, index) => bound(operand, write, `result${index}`));
  const inputs = call.inputs.map((operand, index) => bound(operand, read, `input${index}`));
  const strides = call.inputs.map((operand, index) =>
    isReadByElement(expression, index)
      ? broadcastStrides(operand.shape, shape)
      : shape.map(() => 0),
  );
  const walked = call.inputs.flatMap((_, index) =>
    isReadByElement(expression, index) ? [index] : [],
  );
  const axes = mergeAxes(shape, strides);
  const isFlat = walked.every((input) => sizeOf(call.inputs[input]?.shape ?? []) === sizeOf(shape));
  const indexOf = (input: number) =>
    isFlat ? "index" : `dot(at.outer, INPUT${input}_OUTER) + dot(at.inner, INPUT${input}_INNER)`;
  const operations = expression.instructions.flatMap((instruction) =>
    instruction.kind === "operation" ? [instruction.name] : [],
  );
  const main = `@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let index = flat_index(group, lane);
  if (index < LENGTH) {${isFlat ? "" : "\n    let at = coordinates(index);"}
${printed(expression, { inputs, outputs }, liveValues(expression), indexOf)}
  }
}
`;
  return overElements(sizeOf(shape), {
    sources: [
      main,
      ...(operations.some((name) => FUNCTIONS.includes(name)) ? [functions] : []),
      ...(operations.some((name) => PAIRS.includes(name)) ? [pairs] : []),
      ...(isFlat ? [] : [coordinates]),
      number,
    ],
    constants: isFlat
      ? {}
      : axesConstants(
          axes,
          call.inputs.map((_, index) => `INPUT${index}`),
        ),
    read,
    write,
  });
};

export const maps: Kernels = { Map: mapKernel };
