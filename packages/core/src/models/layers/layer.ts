/** What the layers of this folder have in common: weights by name, shapes in tfjs's own words, and how tfjs finds their classes. */
import { engine, type serialization, type Tensor, tensor } from "@tensorflow/tfjs-core";
import { type initializers, layers } from "@tensorflow/tfjs-layers";
import { HoneError } from "../../errors.js";
import { withTensors } from "../../trace/host-tensors.js";
import { valueText } from "../../value-text.js";

/** Of a tensor, batch first; null where it is open. */
export type Extents = (number | null)[];
export type LayerArguments = NonNullable<ConstructorParameters<typeof layers.Layer>[0]>;
export type Initializer = ReturnType<typeof initializers.zeros>;
export type Inputs = Tensor | Tensor[];
type Shapes = Parameters<layers.Layer["build"]>[0];
type Variable = ReturnType<layers.Layer["addWeight"]>;

export interface CallArguments {
  readonly training?: boolean;
}

/** A layer whose weights go by names, and whose options are plain data that a `model.json` keeps. */
export abstract class PlainLayer extends layers.Layer {
  readonly #variables = new Map<string, Variable>();

  constructor(options: object) {
    super(options as LayerArguments);
  }

  /** What `getConfig` adds to tfjs's own: the layer's options. */
  protected abstract options(): object;

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), ...this.options() } as serialization.ConfigDict;
  }

  /** Makes a weight, for `build`. */
  protected make(name: string, shape: number[], initializer: Initializer, trainable = true): void {
    const made = this.addWeight(name, shape, "float32", initializer, undefined, trainable);
    this.#variables.set(name, made);
  }

  protected weight(name: string): Tensor {
    return (this.#variables.get(name) as Variable).read();
  }

  /** Replaces a weight's values, also where tfjs has no backend. */
  protected assign(name: string, values: Float32Array): void {
    const variable = this.#variables.get(name) as Variable;
    withTensors(engine(), () => {
      const replaced = tensor(values, variable.shape as number[]);
      variable.write(replaced);
      replaced.dispose();
    });
  }

  protected hasWeight(name: string): boolean {
    return this.#variables.has(name);
  }

  /** @throws BadArgument, naming the layer's class */
  protected refuse(what: string): never {
    throw new HoneError("BadArgument", `layer ${this.name}`, what);
  }

  /** @throws BadArgument unless it is known when the layer is built */
  protected known(extents: Extents, axis: number): number {
    const extent = extents.at(axis);
    if (typeof extent === "number") return extent;
    return this.refuse(
      `axis ${axis} of its input [${extents.map((one) => one ?? "any").join(", ")}] is open. Give the model an inputShape that says it.`,
    );
  }
}

/** Of the layer's only input. */
export function soleExtents(shapes: Shapes): Extents {
  return (Array.isArray(shapes[0]) ? shapes[0] : shapes) as Extents;
}

export function sole(inputs: Inputs): Tensor {
  return (Array.isArray(inputs) ? inputs[0] : inputs) as Tensor;
}

/** From 0 on. @throws BadArgument unless the axis is one of a tensor of `rank`, and not the batch's */
export function axisOf(where: string, axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(axis) && at >= 1 && at < rank) return at;
  const what = `axis is ${valueText(axis)} for an input of rank ${rank}. Give a whole number from 1 to ${rank - 1}, or from -1 down.`;
  throw new HoneError("BadArgument", where, what);
}
