/**
 * Layers that scale what they are given by its own statistics, row by row. Each is written in single tf ops: Hone joins
 * them again, and tfjs has a gradient for each.
 */
import {
  add,
  mean,
  mul,
  type Rank,
  reshape,
  rsqrt,
  square,
  sub,
  type Tensor,
  tidy,
} from "@tensorflow/tfjs-core";
import { initializers, type layers } from "@tensorflow/tfjs-layers";
import { isBoolean, isCount, isFiniteNumber, type Option } from "../../options.js";
import { axisOf, type Inputs, PlainLayer, sole, soleExtents } from "./layer.js";
import { checkLayerOptions } from "./layer-options.js";

type Shapes = Parameters<layers.Layer["build"]>[0];

const EPSILON: Option = {
  is: (value) => isFiniteNumber(value) && (value as number) > 0,
  wanted: "a number above 0",
};
const FLAG: Option = { is: isBoolean, wanted: "true or false" };
const COUNT: Option = { is: isCount, wanted: "a whole number above 0" };
const AXES: Option = {
  is: (value) => Number.isInteger(value) || (Array.isArray(value) && value.every(Number.isInteger)),
  wanted: "a whole number, or a list of them",
};

/** (x − mean) / √(variance + ε), over `axes`, which stay with extent 1. */
function standardized(x: Tensor, axes: number[], epsilon: number): Tensor {
  const centred = sub(x, mean(x, axes, true));
  return mul(centred, rsqrt(add(mean(square(centred), axes, true), epsilon)));
}

/** Options of `layerNormalization`. */
export interface LayerNormalizationOptions {
  readonly name?: string;
  /** Over which to take mean and variance, each from 1 on, or from -1 down; -1 unless given. */
  readonly axis?: number | readonly number[];
  /** 1e-3 unless given. */
  readonly epsilon?: number;
  /** Whether a factor is learned for each element of these axes; true unless given. */
  readonly scale?: boolean;
  /** Whether a number to add is learned likewise; true unless given. */
  readonly center?: boolean;
}

class LayerNormalization extends PlainLayer {
  static readonly className = "HoneLayerNormalization";
  readonly #options: Required<Omit<LayerNormalizationOptions, "name">>;
  #axes: number[] = [];

  constructor(given: LayerNormalizationOptions = {}) {
    super(given);
    const known = { axis: AXES, epsilon: EPSILON, scale: FLAG, center: FLAG };
    checkLayerOptions("layerNormalization", given, known);
    const { axis = -1, epsilon = 1e-3, scale = true, center = true } = given;
    this.#options = { axis, epsilon, scale, center };
  }

  override build(shapes: Shapes): void {
    const extents = soleExtents(shapes);
    const { axis, scale, center } = this.#options;
    const axes = [axis].flat().map((one) => axisOf(`layer ${this.name}`, one, extents.length));
    this.#axes = [...new Set(axes)].sort((a, b) => a - b);
    const shape = this.#axes.map((one) => this.known(extents, one));
    if (scale) this.make("gamma", shape, initializers.ones());
    if (center) this.make("beta", shape, initializers.zeros());
    super.build(shapes);
  }

  override call(inputs: Inputs): Tensor {
    return tidy(() => {
      const x = sole(inputs);
      const { epsilon, scale, center } = this.#options;
      const spread = x.shape.map((extent, axis) => (this.#axes.includes(axis) ? extent : 1));
      const of = (name: string) => reshape(this.weight(name), spread);
      let y = standardized(x, this.#axes, epsilon);
      if (scale) y = mul(y, of("gamma"));
      return center ? add(y, of("beta")) : y;
    });
  }

  protected override options(): object {
    return this.#options;
  }
}

/** Options of `rmsNorm`. */
export interface RmsNormOptions {
  readonly name?: string;
  /** 1e-6 unless given. */
  readonly epsilon?: number;
}

/** x / √(mean of x² + ε) · gamma over the last axis (Zhang and Sennrich 2019). */
class RmsNorm extends PlainLayer {
  static readonly className = "HoneRmsNorm";
  readonly #epsilon: number;

  constructor(given: RmsNormOptions = {}) {
    super(given);
    checkLayerOptions("rmsNorm", given, { epsilon: EPSILON });
    this.#epsilon = given.epsilon ?? 1e-6;
  }

  override build(shapes: Shapes): void {
    this.make("gamma", [this.known(soleExtents(shapes), -1)], initializers.ones());
    super.build(shapes);
  }

  override call(inputs: Inputs): Tensor {
    return tidy(() => {
      const x = sole(inputs);
      const size = rsqrt(add(mean(square(x), -1, true), this.#epsilon));
      return mul(mul(x, size), this.weight("gamma"));
    });
  }

  protected override options(): object {
    return { epsilon: this.#epsilon };
  }
}

/** Options of `groupNormalization`. */
export interface GroupNormalizationOptions {
  readonly name?: string;
  /** How many groups the channels make, which their number must be a multiple of; 32 unless given. */
  readonly groups?: number;
  /** 1e-3 unless given. */
  readonly epsilon?: number;
}

/** Mean and variance of each row's channels in groups, over all else of the row (Wu and He 2018); channels come last. */
class GroupNormalization extends PlainLayer {
  static readonly className = "HoneGroupNormalization";
  readonly #groups: number;
  readonly #epsilon: number;

  constructor(given: GroupNormalizationOptions = {}) {
    super(given);
    checkLayerOptions("groupNormalization", given, { groups: COUNT, epsilon: EPSILON });
    this.#groups = given.groups ?? 32;
    this.#epsilon = given.epsilon ?? 1e-3;
  }

  override build(shapes: Shapes): void {
    const channels = this.known(soleExtents(shapes), -1);
    if (channels % this.#groups !== 0) {
      this.refuse(
        `${channels} channels make no ${this.#groups} groups of one size. Give groups that divide ${channels}.`,
      );
    }
    this.make("gamma", [channels], initializers.ones());
    this.make("beta", [channels], initializers.zeros());
    super.build(shapes);
  }

  override call(inputs: Inputs): Tensor {
    return tidy(() => {
      const x = sole(inputs);
      const channels = x.shape.at(-1) as number;
      const places = x.shape.slice(1, -1).reduce((product, extent) => product * extent, 1);
      const grouped = [-1, places, this.#groups, channels / this.#groups];
      const y = standardized(reshape(x, grouped), [1, 3], this.#epsilon);
      const whole = reshape(y, [-1, ...x.shape.slice(1)]) as Tensor<Rank>;
      return add(mul(whole, this.weight("gamma")), this.weight("beta"));
    });
  }

  protected override options(): object {
    return { groups: this.#groups, epsilon: this.#epsilon };
  }
}

/** Layer normalisation over any axes (Ba, Kiros and Hinton 2016): [B, …] to the same. @throws BadArgument */
export function layerNormalization(options: LayerNormalizationOptions = {}): layers.Layer {
  return new LayerNormalization(options);
}

/** Root mean square normalisation over the last axis: [B, …] to the same. @throws BadArgument */
export function rmsNorm(options: RmsNormOptions = {}): layers.Layer {
  return new RmsNorm(options);
}

/** Group normalisation, channels last: [B, …, channels] to the same. @throws BadArgument */
export function groupNormalization(options: GroupNormalizationOptions = {}): layers.Layer {
  return new GroupNormalization(options);
}

export const NORMALIZATIONS = [LayerNormalization, RmsNorm, GroupNormalization];
