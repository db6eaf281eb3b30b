/** What the expansions of recurrent layers share: one time step after another, out of primitive ops. */
import { HoneError } from "../../errors.js";
import type { Attributes } from "../types.js";
import type { GraphWriter } from "../writer.js";
import { RECURRENT_ACTIVATIONS, type RecurrentActivation, reshape } from "./rules.js";

/** @throws Internal for an activation that no recurrent op has */
export function activationOf(attributes: Attributes, name: string): RecurrentActivation {
  const found = RECURRENT_ACTIVATIONS.find((known) => known === attributes[name]);
  if (found) return found;
  throw new HoneError("Internal", `op attribute "${name}"`, `there is no "${attributes[name]}".`);
}

/** The activation of states and candidates, and that of gates. */
export const activationsOf = (attributes: Attributes) =>
  [
    activationOf(attributes, "activation"),
    activationOf(attributes, "recurrentActivation"),
  ] as const;

/** Arithmetic on one layer's tensors. */
export class LayerSteps {
  readonly builder: GraphWriter;

  constructor(builder: GraphWriter) {
    this.builder = builder;
  }

  add = (a: number, b: number) => this.builder.op("Add", [a, b]);
  sub = (a: number, b: number) => this.builder.op("Sub", [a, b]);
  mul = (a: number, b: number) => this.builder.op("Multiply", [a, b]);
  /** 1 − x */
  rest = (x: number) => this.sub(this.builder.scalar(1), x);

  product(a: number, b: number, transposeB = false): number {
    return this.builder.op("BatchMatMul", [a, b], { transposeA: false, transposeB });
  }

  /** One time step of [steps, batch, n]. */
  at(sequence: number, step: number): number {
    const [, batch, n] = this.builder.shape(sequence) as readonly [number, number, number];
    const attributes = { begin: [step, 0, 0], size: [1, batch, n] };
    return reshape(this.builder, this.builder.op("Slice", [sequence], attributes), [batch, n]);
  }

  /** Part `index` of `count` equal ones of the last axis, of a matrix. */
  part(matrix: number, index: number, count: number, parts = 1): number {
    const [rows, n] = this.builder.shape(matrix) as readonly [number, number];
    const attributes = { begin: [0, (index * n) / count], size: [rows, (parts * n) / count] };
    return this.builder.op("Slice", [matrix], attributes);
  }

  joined(parts: readonly number[]): number {
    return this.builder.op("Concat", parts, { axis: 1 });
  }

  /** Time steps [batch, n] into a result [steps, batch, n]. */
  stackInto(steps: readonly number[], result: number): void {
    const rows = steps.map((id) => reshape(this.builder, id, [1, ...this.builder.shape(id)]));
    this.builder.opInto("Concat", rows, result, { axis: 0 });
  }

  activate(activation: RecurrentActivation, x: number): number {
    switch (activation) {
      case "linear":
        return x;
      case "relu":
        return this.builder.op("Relu", [x]);
      case "tanh":
        return this.builder.op("Tanh", [x]);
      case "sigmoid":
        return this.builder.op("Sigmoid", [x]);
      case "hardSigmoid": {
        const line = this.add(this.mul(x, this.builder.scalar(0.2)), this.builder.scalar(0.5));
        return this.builder.op("ClipByValue", [line], { clipValueMin: 0, clipValueMax: 1 });
      }
    }
  }

  /** dy · the derivative where the activation's value is y. */
  slope(activation: RecurrentActivation, y: number, dy: number): number {
    switch (activation) {
      case "linear":
        return dy;
      case "relu":
        return this.mul(dy, this.builder.op("Step", [y], { alpha: 0 }));
      case "tanh":
        return this.mul(dy, this.rest(this.mul(y, y)));
      case "sigmoid":
        return this.mul(dy, this.mul(y, this.rest(y)));
      case "hardSigmoid": {
        const inside = this.builder.op("Step", [this.mul(y, this.rest(y))], { alpha: 0 });
        return this.mul(this.mul(dy, this.builder.scalar(0.2)), inside);
      }
    }
  }
}
