/** Layers wired by hand, for networks that are no stack: short words over tfjs's functional interface. */
import { engine } from "@tensorflow/tfjs-core";
import {
  model as functionalModel,
  input,
  type LayersModel,
  layers,
  type SymbolicTensor,
} from "@tensorflow/tfjs-layers";
import { withTensors } from "../trace/host-tensors.js";
import { fixedBatchNormalization } from "./layers/fixed-batch-normalization.js";
import { checkClasses, Seeds } from "./seeds.js";

export type Node = SymbolicTensor;

/** Of moving statistics: of a mean over about ten steps, so that a short training ends with those of its weights. */
const MOMENTUM = 0.9;

/** How a convolution is made; kernels are 3×3 with stride 1 to the same size unless said. */
export interface ConvolutionOptions {
  readonly kernelSize?: number;
  readonly strides?: number;
  readonly useBias?: boolean;
  readonly activation?: "relu" | "sigmoid" | "softmax";
}

export class Wiring {
  readonly seeds: Seeds;
  readonly #frozen: boolean;

  /** @param options.frozen layers do not train, and normalisations keep to their moving statistics */
  constructor({ seed = 0, frozen = false }: { seed?: number | undefined; frozen?: boolean } = {}) {
    this.seeds = new Seeds(seed);
    this.#frozen = frozen;
  }

  apply(layer: layers.Layer, to: Node | Node[]): Node {
    if (this.#frozen) layer.trainable = false;
    return layer.apply(to) as Node;
  }

  convolution(x: Node, filters: number, options: ConvolutionOptions = {}): Node {
    const { kernelSize = 3, ...others } = options;
    const kernelInitializer = this.seeds.he();
    return this.apply(
      layers.conv2d({ filters, kernelSize, padding: "same", kernelInitializer, ...others }),
      x,
    );
  }

  /** One filter of 3×3 for each channel. */
  depthwise(x: Node, strides = 1): Node {
    return this.apply(
      layers.depthwiseConv2d({
        kernelSize: 3,
        strides,
        padding: "same",
        useBias: false,
        // tfjs would count the cells of all channels, of which each result sees one.
        depthwiseInitializer: this.seeds.normal(Math.sqrt(2 / 9)),
      }),
      x,
    );
  }

  /** Twice as high and wide, by a transposed convolution. */
  doubled(x: Node, filters: number, activation: "relu" | "sigmoid" | "linear"): Node {
    return this.apply(
      layers.conv2dTranspose({
        filters,
        kernelSize: 2,
        strides: 2,
        padding: "same",
        activation,
        kernelInitializer: this.seeds.glorot(),
      }),
      x,
    );
  }

  normalized(x: Node): Node {
    const options = { momentum: MOMENTUM };
    return this.apply(
      this.#frozen ? fixedBatchNormalization(options) : layers.batchNormalization(options),
      x,
    );
  }

  relu(x: Node): Node {
    return this.apply(layers.activation({ activation: "relu" }), x);
  }

  /** Relu that ends at 6, as mobile networks have it. */
  relu6(x: Node): Node {
    return this.apply(layers.reLU({ maxValue: 6 }), x);
  }

  dense(
    x: Node,
    units: number,
    activation: "linear" | "relu" | "gelu" | "sigmoid" | "softmax" = "linear",
    name?: string,
  ): Node {
    const kernelInitializer = this.seeds.glorot();
    return this.apply(
      layers.dense({
        units,
        activation: activation as "linear",
        kernelInitializer,
        ...(name !== undefined && { name }),
      }),
      x,
    );
  }

  dropout(x: Node, rate: number): Node {
    return rate === 0 ? x : this.apply(layers.dropout({ rate }), x);
  }

  /** A probability for each class, from the last axis. @throws BadArgument for a bad number of classes */
  classifier(x: Node, classes: number): Node {
    checkClasses(classes);
    return this.dense(x, classes, "softmax");
  }
}

/** Wires a model from an input of this shape; needs no tfjs backend. */
export function wired(shape: number[], wire: (x: Node) => Node | Node[]): LayersModel {
  return withTensors(engine(), () => {
    const inputs = input({ shape });
    return functionalModel({ inputs, outputs: wire(inputs) });
  });
}
