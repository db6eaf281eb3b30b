/**
 * Whole recurrent layers, over all their time steps: the loops of tfjs's LSTM, GRU and SimpleRNN, and the same loops
 * backwards. What enters is `z`, the inputs times the layer's kernel plus its bias, time first, so that this product and
 * those of the weights' gradients are one each for all steps. As loops they are one node, however many steps there are.
 *
 * Gradients come from results alone: so an activation is one whose derivative its value tells.
 */
import { sizeOf } from "../geometry.js";
import type { Attributes, Shape, Tensor } from "../types.js";
import type { GraphWriter } from "../writer.js";
import type { GradientContext, OpFamily } from "./definition.js";
import { gruGradSteps, gruSteps } from "./recurrent-gru.js";
import { lstmGradSteps, lstmSteps } from "./recurrent-lstm.js";
import { simpleGradSteps, simpleSteps } from "./recurrent-simple.js";
import { activationOf } from "./recurrent-steps.js";
import { mismatch, reshape, shapeOf } from "./rules.js";

/** @throws ShapeMismatch unless z is [steps, batch, gates · units] and the kernel [units, gates · units] */
function layerShapes(op: string, gates: number, inputs: readonly Tensor[], attributes: Attributes) {
  activationOf(attributes, "activation");
  if (gates > 1) activationOf(attributes, "recurrentActivation");
  const z = shapeOf(inputs, 0, op, 3);
  const kernel = shapeOf(inputs, 1, op, 2);
  const [steps, batch, width] = z as readonly [number, number, number];
  const units = width / gates;
  const state = [batch, units];
  const states = inputs.slice(2).map(({ shape }) => `${shape}`);
  if (`${kernel}` !== `${[units, width]}` || states.some((shape) => shape !== `${state}`)) {
    const told = inputs.map(({ shape }) => `[${shape}]`).join(", ");
    mismatch(op, `operands of ${told} do not go together.`);
  }
  return { z, state, sequence: [steps, batch, units] };
}

/** The loop backwards: the gradient of `z`, which is as long as the results that are given, and of the first states. */
const gradientShapes = (gates: number, states: number) => (inputs: readonly Tensor[]) => {
  const sequence = inputs.at(-1)?.shape as Shape;
  const [steps, batch, units] = sequence as readonly [number, number, number];
  const more = Array.from({ length: states }, () => [batch, units]);
  return { shape: [steps, batch, gates * units], more };
};

/** Multiply-adds of the recurrent products of a layer, forward or backward. */
const loopFlops = (inputs: readonly Tensor[]) => {
  const kernel = inputs.find(({ shape }) => shape.length === 2)?.shape ?? [];
  const [steps = 0, batch = 0] = inputs.find(({ shape }) => shape.length === 3)?.shape ?? [];
  return 2 * steps * batch * sizeOf(kernel);
};

/** The states that the steps began with, as rows [steps · batch, units]. */
function statesBefore(builder: GraphWriter, states: number, first: number): number {
  const [steps, batch, units] = builder.shape(states) as readonly [number, number, number];
  const rows = [steps * batch, units];
  if (steps === 1) return reshape(builder, first, rows);
  const size = [steps - 1, batch, units];
  const earlier = builder.op("Slice", [states], { begin: [0, 0, 0], size });
  const start = reshape(builder, first, [1, batch, units]);
  return reshape(builder, builder.op("Concat", [start, earlier], { axis: 0 }), rows);
}

const matrix = (builder: GraphWriter, id: number) =>
  reshape(builder, id, [sizeOf(builder.shape(id).slice(0, 2)), builder.shape(id)[2] as number]);

const columns = (builder: GraphWriter, id: number, begin: number, count: number) =>
  builder.op("Slice", [id], { begin: [0, begin], size: [builder.shape(id)[0] as number, count] });

const transposedProduct = (builder: GraphWriter, a: number, b: number) =>
  builder.op("BatchMatMul", [a, b], { transposeA: true, transposeB: false });

function simpleGradient({ builder, inputs, output, dOutput, ...context }: GradientContext) {
  const [, kernel, h0] = inputs as readonly [number, number, number];
  const operands = [kernel, output, dOutput];
  const [dz, dh0] = builder.several("SimpleRNNGrad", operands, 2, context.attributes) as number[];
  const forKernel = () => {
    const rows = matrix(builder, dz as number);
    return transposedProduct(builder, statesBefore(builder, output, h0), rows);
  };
  return [dz, context.wanted[1] ? forKernel() : undefined, dh0];
}

function gruGradient({ builder, inputs, output, dOutput, ...context }: GradientContext) {
  const [, kernel, h0] = inputs as readonly [number, number, number];
  const [gates] = context.more.map((result) => result.output) as [number];
  const operands = [kernel, h0, gates, output, dOutput];
  const [dz, dh0] = builder.several("GRUGrad", operands, 2, context.attributes) as number[];
  const forKernel = () => {
    const units = builder.shape(h0)[1] as number;
    const before = statesBefore(builder, output, h0);
    const reset = columns(builder, matrix(builder, gates), units, units);
    const rows = matrix(builder, dz as number);
    const gated = columns(builder, rows, 0, 2 * units);
    const candidates = columns(builder, rows, 2 * units, units);
    const parts = [
      transposedProduct(builder, before, gated),
      transposedProduct(builder, builder.op("Multiply", [reset, before]), candidates),
    ];
    return builder.op("Concat", parts, { axis: 1 });
  };
  return [dz, context.wanted[1] ? forKernel() : undefined, dh0];
}

function lstmGradient({ builder, inputs, output, dOutput, ...context }: GradientContext) {
  const [, kernel, h0, c0] = inputs as readonly [number, number, number, number];
  const [c, gates] = context.more as GradientContext["more"];
  const zeros = () => builder.op("Fill", [], { shape: [...builder.shape(output)], value: 0 });
  const dc = c?.dOutput ?? zeros();
  const operands = [kernel, c0, gates?.output as number, c?.output as number, dc, dOutput];
  const results = builder.several("LSTMGrad", operands, 3, context.attributes);
  const [dz, dh0, dc0] = results as readonly [number, number, number];
  const forKernel = () => {
    return transposedProduct(builder, statesBefore(builder, output, h0), matrix(builder, dz));
  };
  return [dz, context.wanted[1] ? forKernel() : undefined, dh0, dc0];
}

export const recurrentOps: OpFamily = {
  ops: [
    {
      name: "SimpleRNN",
      infer: (inputs, attributes) => ({
        shape: layerShapes("SimpleRNN", 1, inputs, attributes).sequence,
      }),
      expandNode: simpleSteps,
      flops: loopFlops,
    },
    {
      name: "SimpleRNNGrad",
      infer: gradientShapes(1, 1),
      expandNode: simpleGradSteps,
      flops: loopFlops,
    },
    {
      name: "GRU",
      infer: (inputs, attributes) => {
        const { sequence, z } = layerShapes("GRU", 3, inputs, attributes);
        return { shape: sequence, more: [z] };
      },
      expandNode: gruSteps,
      flops: loopFlops,
    },
    { name: "GRUGrad", infer: gradientShapes(3, 1), expandNode: gruGradSteps, flops: loopFlops },
    {
      name: "LSTM",
      infer: (inputs, attributes) => {
        const { sequence, z } = layerShapes("LSTM", 4, inputs, attributes);
        return { shape: sequence, more: [sequence, z] };
      },
      expandNode: lstmSteps,
      flops: loopFlops,
    },
    { name: "LSTMGrad", infer: gradientShapes(4, 2), expandNode: lstmGradSteps, flops: loopFlops },
  ],
  gradients: { SimpleRNN: simpleGradient, GRU: gruGradient, LSTM: lstmGradient },
};
