/**
 * Batch normalisation that keeps to its moving statistics also in training.
 *
 * Surprising fact: tfjs normalises by the statistics of the batch whenever it trains, also in a layer that is not
 * trainable, and moves the statistics on. A layer below a head that learns is then neither fixed nor row by row.
 */
import type { Tensor } from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";
import type { CallArguments, Inputs } from "./layer.js";

type Options = NonNullable<Parameters<typeof layers.batchNormalization>[0]>;
type Batch = new (
  options: Options,
) => layers.Layer & {
  call(inputs: Inputs, kwargs: CallArguments): Tensor | Tensor[];
};

/** tfjs exports what makes the layer, but not its class. */
let made: (new (options: Options) => layers.Layer) | undefined;

function fixedClass() {
  if (made) return made;
  const Base = layers.batchNormalization({}).constructor as Batch;
  made = class FixedBatchNormalization extends Base {
    static readonly className = "HoneFixedBatchNormalization";

    override call(inputs: Inputs, kwargs: CallArguments) {
      return super.call(inputs, { ...kwargs, training: false });
    }
  };
  return made;
}

/** Batch normalisation by the moving mean and variance, in training too: [B, …] to the same. */
export function fixedBatchNormalization(options: Options = {}): layers.Layer {
  return new (fixedClass())(options);
}

export const fixedClasses = () => [fixedClass()];
