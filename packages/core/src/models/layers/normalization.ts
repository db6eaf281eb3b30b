/** Brings features to mean 0 and variance 1 by what was seen of the data beforehand. */
import { add, mul, rsqrt, sub, type Tensor, tidy } from "@tensorflow/tfjs-core";
import { initializers, type layers } from "@tensorflow/tfjs-layers";
import { type Inputs, PlainLayer, sole, soleExtents } from "./layer.js";
import { checkLayerOptions } from "./layer-options.js";

type Shapes = Parameters<layers.Layer["build"]>[0];

/** Options of `normalization`. */
export interface NormalizationOptions {
  readonly name?: string;
}

/** A layer that `adapt` shows the data to. */
export interface AdaptableLayer extends layers.Layer {
  /**
   * Takes mean and variance of each column of the last axis from data, in double precision; they do not train.
   * @param data numbers, row after row; the width is the layer's once it is built, and `width` before that
   * @throws BadArgument for data that is not whole rows, or not finite numbers
   */
  adapt(data: ArrayLike<number>, width?: number): void;
}

/** Keeps a constant column from being divided by nothing. */
const SMALLEST_VARIANCE = 1e-7;

interface Statistics {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

class Normalization extends PlainLayer implements AdaptableLayer {
  static readonly className = "HoneNormalization";
  #adapted: Statistics | undefined;
  #width: number | undefined;

  constructor(given: NormalizationOptions = {}) {
    super(given);
    checkLayerOptions("normalization", given, {});
  }

  adapt(data: ArrayLike<number>, given?: number): void {
    const width = this.#width ?? given;
    if (width === undefined || !Number.isSafeInteger(width) || width < 1) {
      this.refuse("the width of a row is not known yet. Give it as the second argument of adapt.");
    }
    if (data.length === 0 || data.length % width !== 0) {
      this.refuse(`${data.length} numbers make no rows of ${width}. Give whole rows.`);
    }
    this.#adapted = this.#statistics(data, width);
    if (this.#width !== undefined) this.#assignAll();
  }

  override build(shapes: Shapes): void {
    const width = this.known(soleExtents(shapes), -1);
    const seen = this.#adapted?.mean.length ?? width;
    if (seen !== width) {
      this.refuse(
        `it was adapted to rows of ${seen}, and its input has ${width} columns. Adapt it to those.`,
      );
    }
    this.make("mean", [width], initializers.zeros(), false);
    this.make("variance", [width], initializers.ones(), false);
    this.#width = width;
    if (this.#adapted) this.#assignAll();
    super.build(shapes);
  }

  override call(inputs: Inputs): Tensor {
    return tidy(() => {
      const centred = sub(sole(inputs), this.weight("mean"));
      return mul(centred, rsqrt(add(this.weight("variance"), SMALLEST_VARIANCE)));
    });
  }

  protected override options(): object {
    return {};
  }

  #assignAll(): void {
    const { mean, variance } = this.#adapted as Statistics;
    this.assign("mean", mean);
    this.assign("variance", variance);
  }

  #statistics(data: ArrayLike<number>, width: number): Statistics {
    const rows = data.length / width;
    const sums = new Float64Array(width);
    for (let at = 0; at < data.length; at++) {
      const value = data[at] as number;
      if (!Number.isFinite(value)) {
        this.refuse(
          `row ${Math.floor(at / width)} of the data holds ${value}. Give finite numbers.`,
        );
      }
      sums[at % width] = (sums[at % width] as number) + value;
    }
    const mean = sums.map((sum) => sum / rows);
    const squares = new Float64Array(width);
    for (let at = 0; at < data.length; at++) {
      const apart = (data[at] as number) - (mean[at % width] as number);
      squares[at % width] = (squares[at % width] as number) + apart * apart;
    }
    const variance = squares.map((sum) => sum / rows);
    return { mean: Float32Array.from(mean), variance: Float32Array.from(variance) };
  }
}

/** (x − mean) / √variance of each column, [B, …, width] to the same; 0 and 1 until `adapt` has seen the data. @throws BadArgument */
export function normalization(options: NormalizationOptions = {}): AdaptableLayer {
  return new Normalization(options);
}

export const NORMALIZATION = [Normalization];
