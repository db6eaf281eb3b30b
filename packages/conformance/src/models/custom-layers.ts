/** Layers as a user of tfjs writes them, for the random models. */
import { mean, mul, sigmoid, sub, type Tensor, tidy } from "@tensorflow/tfjs-core";
import { initializers, layers } from "@tensorflow/tfjs-layers";

type LayerShape = Parameters<layers.Layer["build"]>[0];

const single = (inputs: Tensor | Tensor[]) =>
  (Array.isArray(inputs) ? inputs[0] : inputs) as Tensor;

/** x · sigmoid(w), a weight for each channel. */
export class Gate extends layers.Layer {
  static readonly className = "Gate";
  #weight: ReturnType<layers.Layer["addWeight"]> | undefined;

  override build(inputShape: LayerShape): void {
    const channels = (inputShape as (number | null)[]).at(-1) as number;
    this.#weight = this.addWeight("gate", [channels], "float32", initializers.zeros());
    super.build(inputShape);
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => mul(single(inputs), sigmoid((this.#weight as { read(): Tensor }).read())));
  }
}

/** x less the mean of its row. */
export class Centred extends layers.Layer {
  static readonly className = "Centred";

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const x = single(inputs);
      return sub(x, mean(x, -1, true));
    });
  }
}
