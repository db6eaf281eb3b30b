/** Adds to each place of a sequence what tells it from the others. */
import { add, reshape, slice, type Tensor, tensor2d, tidy } from "@tensorflow/tfjs-core";
import { initializers, type layers } from "@tensorflow/tfjs-layers";
import { isAnything, isCount, type Option } from "../../options.js";
import { type Inputs, PlainLayer, sole, soleExtents } from "./layer.js";
import { checkLayerOptions } from "./layer-options.js";

type Shapes = Parameters<layers.Layer["build"]>[0];

/** Options of `positionalEmbedding`. */
export interface PositionalEmbeddingOptions {
  readonly name?: string;
  /** `learned`, a weight for each place, or `sinusoidal`, fixed waves (Vaswani et al. 2017); `learned` unless given. */
  readonly kind?: "learned" | "sinusoidal";
  /** The longest sequence; the input's length unless given. */
  readonly length?: number;
  /** Of the initial weights; tfjs draws one unless given. */
  readonly seed?: number;
}

const KNOWN: Readonly<Record<string, Option>> = {
  kind: {
    is: (value) => value === "learned" || value === "sinusoidal",
    wanted: '"learned" or "sinusoidal"',
  },
  length: { is: isCount, wanted: "a whole number above 0" },
  seed: { is: isAnything, wanted: "a whole number" },
};

/** Wave lengths go from 2π to this times 2π. */
const LONGEST = 10_000;
const LEARNED_DEVIATION = 0.02;

class PositionalEmbedding extends PlainLayer {
  static readonly className = "HonePositionalEmbedding";
  readonly #options: PositionalEmbeddingOptions;

  constructor(given: PositionalEmbeddingOptions = {}) {
    super(given);
    checkLayerOptions("positionalEmbedding", given, KNOWN);
    const { kind = "learned", length, seed } = given;
    this.#options = {
      kind,
      ...(length !== undefined && { length }),
      ...(seed !== undefined && { seed }),
    };
  }

  override build(shapes: Shapes): void {
    const extents = soleExtents(shapes);
    const { kind, length, seed } = this.#options;
    if (extents.length !== 3) {
      this.refuse(`its input is of rank ${extents.length}. Give sequences [batch, time, width].`);
    }
    const longest = length ?? this.known(extents, 1);
    if ((extents[1] ?? 0) > longest) {
      this.refuse(`its input is ${extents[1]} long, and length is ${longest}. Give a longer one.`);
    }
    if (kind === "learned") {
      const normal = initializers.randomNormal({
        stddev: LEARNED_DEVIATION,
        ...(seed !== undefined && { seed }),
      } as never);
      this.make("places", [longest, this.known(extents, 2)], normal);
    }
    super.build(shapes);
  }

  override call(inputs: Inputs): Tensor {
    return tidy(() => {
      const x = sole(inputs);
      const [, steps, width] = x.shape as [number, number, number];
      if (this.#options.kind === "sinusoidal") return add(x, waves(steps, width));
      const places = this.weight("places");
      const longest = places.shape[0] as number;
      const first = steps === longest ? places : slice(places, [0, 0], [steps, width]);
      return add(x, reshape(first, [1, steps, width]));
    });
  }

  protected override options(): object {
    return this.#options;
  }
}

/** The sine of place/LONGEST^(2i/width) at 2i, and its cosine at 2i + 1. */
function waves(steps: number, width: number): Tensor {
  const values = new Float32Array(steps * width);
  for (let at = 0; at < values.length; at++) {
    const [place, column] = [Math.floor(at / width), at % width];
    const angle = place / LONGEST ** ((2 * Math.floor(column / 2)) / width);
    values[at] = column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  }
  return tensor2d(values, [steps, width]);
}

/** [B, T, width] to the same. @throws BadArgument */
export function positionalEmbedding(options: PositionalEmbeddingOptions = {}): layers.Layer {
  return new PositionalEmbedding(options);
}

export const POSITIONAL = [PositionalEmbedding];
