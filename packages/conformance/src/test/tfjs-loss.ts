/** The loss functions of tfjs, which exports only some of them: a compiled model holds the others. */
import type { Tensor } from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";

export type TfjsLoss = (labels: Tensor, output: Tensor, fromLogits?: boolean) => Tensor;

/** tfjs's own function for a loss it knows by that name. */
export function tfjsLoss(name: string): TfjsLoss {
  const input = layers.input({ shape: [1] });
  const output = layers.layers.dense({ units: 1 }).apply(input) as layers.SymbolicTensor;
  const model = layers.model({ inputs: input, outputs: output });
  model.compile({ optimizer: "sgd", loss: name });
  const { lossFunctions } = model as unknown as { lossFunctions: readonly TfjsLoss[] };
  model.dispose();
  return lossFunctions[0] as TfjsLoss;
}
