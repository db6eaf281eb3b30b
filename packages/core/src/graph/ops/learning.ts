/** Losses, metrics, data access and schedules: what turns a forward pass into a training step. */
import { sizeOf } from "../geometry.js";
import type { Tensor } from "../types.js";
import type { OpFamily } from "./definition.js";
import { mismatch, noFlops, noResult, numbers, perElement, sameAsInput, shapeOf } from "./rules.js";

const rowsOf = (tensor: Tensor) => sizeOf(tensor.shape.slice(0, -1));

function checkLabels(logits: Tensor, labels: Tensor, kind: unknown): void {
  const wanted = kind === "sparse" ? rowsOf(logits) : sizeOf(logits.shape);
  if (sizeOf(labels.shape) !== wanted) {
    mismatch("loss", `outputs [${logits.shape}] do not go with ${kind} labels [${labels.shape}].`);
  }
}

export const learningOps: OpFamily = {
  ops: [
    {
      name: "SoftmaxCrossEntropy",
      infer: (inputs, attributes) => {
        const [logits, labels] = inputs as readonly [Tensor, Tensor];
        shapeOf(inputs, 0, "SoftmaxCrossEntropy", 2);
        checkLabels(logits, labels, attributes.kind);
        return { shape: [rowsOf(logits)] };
      },
      flops: perElement(5),
    },
    { name: "SoftmaxCrossEntropyGrad", infer: sameAsInput, flops: perElement(6) },
    {
      name: "CountCorrect",
      infer: (inputs, attributes) => {
        const [outputs, labels] = inputs as readonly [Tensor, Tensor];
        checkLabels(outputs, labels, attributes.kind);
        return { shape: [1] };
      },
      flops: perElement(1),
    },
    { name: "RecordStep", infer: noResult, inPlace: true, flops: noFlops },
    {
      name: "GatherRows",
      infer: (_inputs, attributes) => ({
        shape: numbers(attributes, "shape"),
        dtype: attributes.dtype === "int32" ? "int32" : "float32",
      }),
    },
    {
      // It stands in front of the model, on data: nothing before it is ever differentiated.
      name: "AugmentImages",
      infer: (inputs) => {
        shapeOf(inputs, 0, "AugmentImages", 3, 4);
        return sameAsInput(inputs, {});
      },
      flops: noFlops,
    },
    { name: "GlobalNorm", infer: () => ({ shape: [1] }), flops: perElement(2) },
    {
      name: "ReadSchedule",
      infer: (inputs) => ({ shape: shapeOf(inputs, 0, "ReadSchedule", 2).slice(1) }),
      flops: noFlops,
    },
  ],
  gradients: {
    SoftmaxCrossEntropy: ({ builder, inputs, dOutput, attributes }) => {
      const [logits, labels] = inputs as readonly [number, number];
      return [
        builder.op("SoftmaxCrossEntropyGrad", [logits, labels, dOutput], attributes),
        undefined,
      ];
    },
  },
};
