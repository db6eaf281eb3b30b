/**
 * `Map`: an expression over the elements of its operands, in one pass (graph/expression.ts). Results are new
 * tensors or take the place of operands; every operand is read before any result is written.
 *
 * `RowMap` and `ColumnMap` reduce values besides, along the last axes or the first ones; what is reduced may go on
 * as a number of the row or column.
 */
import { invariant } from "../../errors.js";
import {
  type Expression,
  type Instruction,
  liveValues,
  readExpression,
  uniformValues,
} from "../expression.js";
import { broadcastShape, sizeOf } from "../geometry.js";
import { reducedShape, reductionOf } from "../reduction-shape.js";
import type { Attributes, Node, Shape, Tensor } from "../types.js";
import type { GraphWriter } from "../writer.js";
import type { OpDefinition, OpFamily } from "./definition.js";
import { mismatch, reshape } from "./rules.js";

/** Operands a device must be able to bind at once: WebGPU's least limit. */
export const MOST_OPERANDS = 8;

function resultShape(
  inputs: readonly Pick<Tensor, "shape">[],
  { instructions }: Expression,
): Shape {
  let shape: Shape = [];
  for (const instruction of instructions) {
    if (instruction.kind !== "input") continue;
    shape = broadcastShape(shape, inputs[instruction.input]?.shape ?? [], "Map");
  }
  return shape;
}

function checked(inputs: readonly Tensor[], attributes: Attributes): Expression {
  invariant(inputs.length <= MOST_OPERANDS, "Map", `it has ${inputs.length} operands`);
  const other = inputs.find(({ dtype }) => dtype !== "float32");
  if (other) mismatch("Map", `an operand is ${other.dtype}.`);
  return readExpression(attributes);
}

const common: Pick<OpDefinition, "inPlace" | "expandNode"> = {
  // A node of it may change operands; so it is never merged with an equal one.
  inPlace: true,
  expandNode: (builder, node) => {
    for (const part of partsOf(builder, node)) expandPart(builder, part);
  },
};

/** Along rows or columns: attribute `axes` says which axes are reduced. */
const reducing = (name: "RowMap" | "ColumnMap"): OpDefinition => ({
  ...common,
  name,
  infer: (inputs, attributes) => {
    const expression = checked(inputs, attributes);
    const shapes = inputs.map(({ shape }) => shape);
    const { shape, axes, isReduced } = reductionOf(name, shapes, attributes);
    const [first = [], ...more] = expression.results.map((result) =>
      isReduced[result] ? reducedShape(shape, axes) : shape,
    );
    return { shape: first, more };
  },
  flops: (inputs, _output, attributes) => {
    const shapes = inputs.map(({ shape }) => shape);
    const { shape, isReduced } = reductionOf(name, shapes, attributes);
    return isReduced.filter((reduced) => !reduced).length * sizeOf(shape);
  },
});

export const mapOps: OpFamily = {
  ops: [
    {
      ...common,
      name: "Map",
      infer: (inputs, attributes) => {
        const expression = checked(inputs, attributes);
        const reduces = expression.instructions.some(({ kind }) => kind === "reduction");
        invariant(!reduces, "Map", "it has no axis to reduce along");
        return { shape: resultShape(inputs, expression) };
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
    reducing("RowMap"),
    reducing("ColumnMap"),
  ],
};

/**
 * Flat views are taken apart into the tensors they span: a view is longer by the padding between them. Those that go
 * together are of one size, but a gradient may be of another shape than its parameter.
 */
function partsOf(builder: GraphWriter, node: Node): Node[] {
  const spanOf = (id: number) => builder.tensor(id).span;
  const spans = node.outputs.map(spanOf).filter((span) => span !== undefined);
  const count = spans[0]?.length ?? 0;
  if (count === 0) return [node];
  const part = (id: number, index: number) => spanOf(id)?.[index];
  return Array.from({ length: count }, (_, index) => {
    const outputs = node.outputs.map((id) => part(id, index) ?? id);
    const shape = builder.shape(outputs[0] as number);
    const inputs = node.inputs.map((id) => {
      const own = part(id, index);
      return own === undefined ? id : reshape(builder, own, shape);
    });
    return { ...node, inputs, outputs };
  });
}

function expandPart(builder: GraphWriter, { inputs, outputs, attributes }: Node): void {
  const expression = readExpression(attributes);
  const live = liveValues(expression);
  const shape = resultShape(
    inputs.map((id) => builder.tensor(id)),
    expression,
  );
  const values: number[] = [];
  for (const [index, instruction] of expression.instructions.entries()) {
    if (!live[index]) values.push(Number.NaN);
    else if (instruction.kind === "reduction") {
      const operand = spread(builder, values[instruction.operands[0]] as number, shape);
      const { axes = [] } = attributes;
      values.push(builder.op(instruction.name, [operand], { axes, keepDims: true }));
    } else values.push(compute(builder, instruction, inputs, values));
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
    } else builder.opInto("Add", [value, zeros(builder, shape)], output);
  }
}

const zeros = (builder: GraphWriter, shape: Shape) =>
  builder.op("Fill", [], { shape: [...shape], value: 0 });

/** A value for all elements of the shape. */
function spread(builder: GraphWriter, id: number, shape: Shape): number {
  if (sizeOf(builder.shape(id)) === sizeOf(shape)) return reshape(builder, id, shape);
  return builder.op("Add", [id, zeros(builder, shape)]);
}

function compute(
  builder: GraphWriter,
  instruction: Exclude<Instruction, { kind: "reduction" }>,
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
