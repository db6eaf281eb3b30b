/** Depthwise convolutions, traced, compute what tfjs computes. */
import "@tensorflow/tfjs-backend-cpu";
import * as tfc from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterEach, test } from "vitest";
import { expectSameOutput, expectSameStep } from "./test/compare.js";

afterEach(() => tfc.disposeVariables());

const { layers, sequential } = tfl;

test.each([
  { strides: 1, padding: "same", depthMultiplier: 1, dilationRate: 1 },
  { strides: 2, padding: "same", depthMultiplier: 3, dilationRate: 1 },
  { strides: 2, padding: "valid", depthMultiplier: 2, dilationRate: 1 },
  { strides: 1, padding: "valid", depthMultiplier: 2, dilationRate: 2 },
] as const)("depthwise and separable convolutions with %o", async (options) => {
  const shared = { ...options, kernelSize: 3 };
  const model = sequential({
    layers: [
      layers.depthwiseConv2d({ ...shared, inputShape: [13, 12, 3], activation: "relu6" }),
      layers.separableConv2d({ ...shared, filters: 4, biasInitializer: "randomNormal" }),
      layers.flatten(),
      layers.dense({ units: 2 }),
    ],
  });
  await expectSameOutput(model);
  // tfjs has no gradient for a dilated convolution.
  if (options.dilationRate === 1) await expectSameStep(model);
});

test("a depthwise convolution that the model's code has fused", async () => {
  class Fused extends tfl.layers.Layer {
    static readonly className = "Fused";
    override computeOutputShape(): tfl.Shape {
      return [null, 4, 3, 4];
    }
    override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
      const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tfc.Tensor4D;
      const values = Float32Array.from({ length: 36 }, (_, at) => (at % 7) - 3);
      const filter = tfc.tensor4d(values, [3, 3, 2, 2]);
      return tfc.fused.depthwiseConv2d({
        x,
        filter,
        strides: [2, 2],
        pad: "same",
        activation: "relu6",
        bias: tfc.tensor1d([0.5, -1, 2, 0]),
      });
    }
  }
  await expectSameOutput(sequential({ layers: [new Fused({ inputShape: [7, 5, 2] })] }));
});
