/**
 * `Map`: an expression over the elements of its operands, in one pass (graph/expression.ts). Results are new
 * tensors or take the place of operands; every operand is read before any result is written.
 */
import { HoneError, invariant } from "../../errors.js";
import {
  type Expression,
  type Instruction,
  liveValues,
  readExpression,
  uniformValues,
} from "../expression.js";
import { broadcastShape, sizeOf } from "../geometry.js";
import type { Node, Shape, Tensor } from "../types.js";
import type { GraphWriter } from "../writer.js";
import { type OpDefinition, reshape } from "./definition.js";

/** Operands a device must be able to bind at once: WebGPU's least limit. */
const MOST_OPERANDS = 8;

function resultShape(inputs: readonly Tensor[], { instructions }: Expression): Shape {
  let shape: Shape = [];
  for (const instruction of instructions) {
    if (instruction.kind !== "input") continue;
    shape = broadcastShape(shape, inputs[instruction.input]?.shape ?? [], "Map");
  }
  return shape;
}

export const mapOps: readonly OpDefinition[] = [
  {
    name: "Map",
    infer: (inputs, attributes) => {
      const expression = readExpression(attributes);
      invariant(inputs.length <= MOST_OPERANDS, "Map", `it has ${inputs.length} operands`);
      const other = inputs.find(({ dtype }) => dtype !== "float32");
      if (other) throw new HoneError("ShapeMismatch", "Map", `an operand is ${other.dtype}.`);
      return { shape: resultShape(inputs, expression) };
    },
    // A node of it may change operands; so it is never merged with an equal one.
    inPlace: true,
    expandNode: (builder, node) => {
      for (const part of partsOf(builder, node)) expandPart(builder, part);
    },
    flops: (_inputs, output, attributes) => {
      const expression = readExpression(attributes);
      const uniform = uniformValues(expression);
      const varying = expression.instructions.filter(
        ({ kind }, index) => kind === "operation" && !uniform[index],
      );
      return varying.length * sizeOf(output.shape);
    },
  },
];

/** Flat views are taken apart into the tensors they span: a view is longer by the padding between them. */
function partsOf(builder: GraphWriter, node: Node): Node[] {
  const spanOf = (id: number) => builder.tensor(id).span;
  const spans = node.outputs.map(spanOf).filter((span) => span !== undefined);
  const count = spans[0]?.length ?? 0;
  if (count === 0) return [node];
  const part = (id: number, index: number) => spanOf(id)?.[index] ?? id;
  return Array.from({ length: count }, (_, index) => ({
    ...node,
    inputs: node.inputs.map((id) => part(id, index)),
    outputs: node.outputs.map((id) => part(id, index)),
  }));
}

function expandPart(builder: GraphWriter, { inputs, outputs, attributes }: Node): void {
  const expression = readExpression(attributes);
  const live = liveValues(expression);
  const values: number[] = [];
  for (const [index, instruction] of expression.instructions.entries()) {
    values.push(live[index] ? compute(builder, instruction, inputs, values) : Number.NaN);
  }
  const results = outputs.map((output, at) => {
    const value = values[expression.results[at] as number] as number;
    // An operand that becomes another's result is read before that other is written.
    return inputs.includes(value) && value !== output ? builder.op("Identity", [value]) : value;
  });
  for (const [at, output] of outputs.entries()) {
    const [value, shape] = [results[at] as number, builder.shape(output)];
    if (value === output) continue;
    if (sizeOf(builder.shape(value)) === sizeOf(shape)) {
      builder.opInto("Identity", [reshape(builder, value, shape)], output);
    } else {
      const zeros = builder.op("Fill", [], { shape: [...shape], value: 0 });
      builder.opInto("Add", [value, zeros], output);
    }
  }
}

function compute(
  builder: GraphWriter,
  instruction: Instruction,
  inputs: readonly number[],
  values: readonly number[],
): number {
  switch (instruction.kind) {
    case "input":
      return inputs[instruction.input] as number;
    case "element": {
      const input = inputs[instruction.input] as number;
      const flat = reshape(builder, input, [sizeOf(builder.shape(input))]);
      return builder.op("Slice", [flat], { begin: [instruction.element], size: [1] });
    }
    case "constant":
      return builder.scalar(instruction.value);
    case "operation": {
      const { name, operands } = instruction;
      const ids = operands.map((operand) => values[operand] as number);
      if (name !== "Step") return builder.op(name, ids);
      const alpha = builder.tensor(ids[1] as number).value?.[0];
      invariant(alpha !== undefined, "Map", "the second operand of Step is no constant");
      return builder.op("Step", ids.slice(0, 1), { alpha });
    }
  }
}
