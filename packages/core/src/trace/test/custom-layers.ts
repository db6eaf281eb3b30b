/** Layers of a user's own, for tests. */
import * as tfc from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";

type Shape = Parameters<layers.Layer["build"]>[0];

/** A layer that is a function of one tensor. */
export class Calls extends layers.Layer {
  static readonly className = "Calls";
  readonly #body: (x: tfc.Tensor) => tfc.Tensor;

  constructor(body: (x: tfc.Tensor) => tfc.Tensor, name?: string) {
    super(name === undefined ? {} : { name });
    this.#body = body;
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => this.#body(Array.isArray(inputs) ? (inputs[0] as tfc.Tensor) : inputs));
  }
}

/** A dense sublayer whose weights it shows as its own, with dropout and a constant made outside. */
export class Scaled extends layers.Layer {
  static readonly className = "Scaled";
  readonly inner: layers.Layer;
  readonly dropped = layers.dropout({ rate: 0 });
  readonly factors: tfc.Tensor;

  constructor({ units }: { readonly units: number }) {
    super({});
    this.inner = layers.dense({ units, activation: "sigmoid" });
    this.factors = tfc.keep(tfc.div(tfc.range(1, units + 1), units));
  }

  override build(inputShape: Shape): void {
    this.inner.build(inputShape);
    this.trainableWeights = this.inner.trainableWeights;
    super.build(inputShape);
  }

  override computeOutputShape(inputShape: Shape): Shape {
    return this.inner.computeOutputShape(inputShape) as Shape;
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    const inner = this.dropped.apply(this.inner.apply(inputs)) as tfc.Tensor;
    return tfc.tidy(() => tfc.add(tfc.mul(inner, this.factors), tfc.onesLike(inner)));
  }
}
