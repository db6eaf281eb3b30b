/** Losses, metrics, data access and schedules: what turns a forward pass into a training step. */
import { HoneError } from "../../errors.js";
import { sizeOf } from "../geometry.js";
import type { Tensor } from "../types.js";
import { noResult, numbers, type OpDefinition, sameAsInput, shapeOf } from "./definition.js";

const rowsOf = (tensor: Tensor) => sizeOf(tensor.shape.slice(0, -1));
const firstSize = (factor: number) => (inputs: readonly Tensor[]) =>
  factor * sizeOf(inputs[0]?.shape ?? []);

function checkLabels(logits: Tensor, labels: Tensor, kind: unknown): void {
  const wanted = kind === "sparse" ? rowsOf(logits) : sizeOf(logits.shape);
  if (sizeOf(labels.shape) !== wanted) {
    throw new HoneError(
      "ShapeMismatch",
      "loss",
      `outputs [${logits.shape}] do not go with ${kind} labels [${labels.shape}].`,
    );
  }
}

export const learningOps: readonly OpDefinition[] = [
  {
    name: "SoftmaxCrossEntropy",
    infer: (inputs, attributes) => {
      const [logits, labels] = inputs as readonly [Tensor, Tensor];
      shapeOf(inputs, 0, "SoftmaxCrossEntropy", 2);
      checkLabels(logits, labels, attributes.kind);
      return { shape: [rowsOf(logits)] };
    },
    gradient: ({ builder, inputs, dOutput, attributes }) => {
      const [logits, labels] = inputs as readonly [number, number];
      return [
        builder.op("SoftmaxCrossEntropyGrad", [logits, labels, dOutput], attributes),
        undefined,
      ];
    },
    flops: firstSize(5),
  },
  { name: "SoftmaxCrossEntropyGrad", infer: sameAsInput, flops: firstSize(6) },
  {
    name: "CountCorrect",
    infer: (inputs, attributes) => {
      const [outputs, labels] = inputs as readonly [Tensor, Tensor];
      checkLabels(outputs, labels, attributes.kind);
      return { shape: [1] };
    },
    flops: firstSize(1),
  },
  { name: "RecordStep", infer: noResult, inPlace: true, flops: () => 0 },
  {
    name: "GatherRows",
    infer: (_inputs, attributes) => ({
      shape: numbers(attributes, "shape"),
      dtype: attributes.dtype === "int32" ? "int32" : "float32",
    }),
  },
  {
    name: "Dropout",
    infer: sameAsInput,
    gradient: ({ builder, inputs, dOutput, attributes }) => [
      builder.op("Dropout", [dOutput, inputs[1] as number], attributes),
      undefined,
    ],
    flops: firstSize(2),
  },
  {
    // It stands in front of the model, on data: nothing before it is ever differentiated.
    name: "AugmentImages",
    infer: (inputs) => {
      shapeOf(inputs, 0, "AugmentImages", 3, 4);
      return sameAsInput(inputs, {});
    },
    flops: () => 0,
  },
  { name: "GlobalNorm", infer: () => ({ shape: [1] }), flops: firstSize(2) },
  { name: "AssignMovingAverage", infer: noResult, inPlace: true, flops: firstSize(3) },
  {
    name: "ReadSchedule",
    infer: (inputs) => ({ shape: shapeOf(inputs, 0, "ReadSchedule", 2).slice(1) }),
    flops: () => 0,
  },
];
