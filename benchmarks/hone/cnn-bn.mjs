/** The study's CNN with batch normalisation between each convolution and its relu. */
import { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import { findBackend, registerBackend } from "@tensorflow/tfjs-core";
import { initializers, layers, sequential } from "@tensorflow/tfjs-layers";

/** [28, 28, 1] to 10 classes. Convolutions have no bias, because the normalisation has one. */
export function cnnBn({ seed = 0 } = {}) {
  // Weights need some tfjs backend to be drawn on.
  if (findBackend("cpu") === null) registerBackend("cpu", () => new MathBackendCPU(), 1);
  let drawn = 0;
  const kernel = () => {
    drawn++;
    return { kernelInitializer: initializers.glorotUniform({ seed: seed * 1000 + drawn }) };
  };
  const convolution = (settings = {}) => [
    layers.conv2d({ filters: 32, kernelSize: 3, useBias: false, ...kernel(), ...settings }),
    layers.batchNormalization(),
    layers.activation({ activation: "relu" }),
    layers.maxPooling2d({ poolSize: 2 }),
  ];
  return sequential({
    layers: [
      ...convolution({ inputShape: [28, 28, 1] }),
      ...convolution(),
      layers.flatten(),
      layers.dense({ units: 128, activation: "relu", ...kernel() }),
      layers.dense({ units: 10, activation: "softmax", ...kernel() }),
    ],
  });
}
