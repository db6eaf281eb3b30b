/** Attention with several heads (Vaswani et al., "Attention is all you need", 2017), as one layer. */
import {
  add,
  matMul,
  mul,
  reshape,
  softmax,
  type Tensor,
  tensor2d,
  tidy,
  transpose,
} from "@tensorflow/tfjs-core";
import { initializers, layers } from "@tensorflow/tfjs-layers";
import { isAnything, isBoolean, isCount, isFiniteNumber, type Option } from "../../options.js";
import {
  type CallArguments,
  type Extents,
  type Initializer,
  type Inputs,
  PlainLayer,
} from "./layer.js";
import { checkLayerOptions } from "./layer-options.js";

type Shapes = Parameters<layers.Layer["build"]>[0];

/** Options of `multiHeadAttention`. */
export interface MultiHeadAttentionOptions {
  readonly name?: string;
  /** How many heads. */
  readonly heads: number;
  /** Width of each head; the input's width by the number of heads unless given. */
  readonly keySize?: number;
  /** Whether a place attends to none behind it; false unless given. */
  readonly causal?: boolean;
  /** Share of the attention that is dropped in training; 0 unless given. */
  readonly dropout?: number;
  /** Of the initial weights; tfjs draws one unless given. */
  readonly seed?: number;
}

const COUNT: Option = { is: isCount, wanted: "a whole number above 0" };
const SHARE: Option = {
  is: (value) => isFiniteNumber(value) && (value as number) >= 0 && (value as number) < 1,
  wanted: "a number from 0 to below 1",
};
const KNOWN = {
  heads: COUNT,
  keySize: COUNT,
  causal: { is: isBoolean, wanted: "true or false" },
  dropout: SHARE,
  seed: { is: isAnything, wanted: "a whole number" },
};

/** What softmax takes for nothing; finite, since ∞ − ∞ is not a number. */
const BARRED = -1e9;

/** The parts of [query, value], or of what attends to itself. */
const pairOf = <Part>(given: Part | Part[]): readonly [Part, Part] => {
  const [query, value] = Array.isArray(given) ? given : [given];
  return [query as Part, (value ?? query) as Part];
};

class MultiHeadAttention extends PlainLayer {
  static readonly className = "HoneMultiHeadAttention";
  readonly #options: MultiHeadAttentionOptions;
  readonly #dropout: layers.Layer | undefined;
  #keySize = 0;
  #width = 0;

  constructor(given: MultiHeadAttentionOptions) {
    super(given);
    checkLayerOptions("multiHeadAttention", given, KNOWN);
    const { heads, keySize, causal = false, dropout = 0, seed } = given;
    if (heads === undefined) {
      this.refuse("the number of heads is missing. Give multiHeadAttention({ heads: 4 }).");
    }
    this.#options = {
      heads,
      causal,
      dropout,
      ...(keySize !== undefined && { keySize }),
      ...(seed !== undefined && { seed }),
    };
    if (dropout > 0) {
      this.#dropout = layers.dropout({ rate: dropout, name: `${this.name}_dropout` });
    }
  }

  override build(shapes: Shapes): void {
    const [query, value] = pairOf<Extents>(
      (Array.isArray(shapes[0]) ? shapes : [shapes]) as Extents[],
    );
    const { heads, keySize, seed } = this.#options;
    this.#width = this.known(query, -1);
    if (keySize === undefined && this.#width % heads !== 0) {
      this.refuse(
        `a width of ${this.#width} makes no ${heads} heads of one size. Give a keySize, or another number of heads.`,
      );
    }
    this.#keySize = keySize ?? this.#width / heads;
    const inner = heads * this.#keySize;
    const glorot = (at: number): Initializer =>
      initializers.glorotUniform({ ...(seed !== undefined && { seed: seed + at }) } as never);
    const sizes = { query: this.#width, key: this.known(value, -1), value: this.known(value, -1) };
    for (const [at, [name, size]] of Object.entries(sizes).entries()) {
      this.make(`${name}_kernel`, [size, inner], glorot(at));
      // A bias of keys would move all scores of a place alike, and so nothing.
      if (name !== "key") this.make(`${name}_bias`, [inner], initializers.zeros());
    }
    this.make("output_kernel", [inner, this.#width], glorot(3));
    this.make("output_bias", [this.#width], initializers.zeros());
    super.build(shapes);
  }

  override computeOutputShape(shapes: Shapes): Shapes {
    return (Array.isArray(shapes[0]) ? shapes[0] : shapes) as Shapes;
  }

  override call(inputs: Inputs, { training = false }: CallArguments = {}): Tensor {
    return tidy(() => {
      const [query, value] = pairOf(inputs);
      const [q, k, v] = [
        this.#heads(query, "query"),
        this.#heads(value, "key"),
        this.#heads(value, "value"),
      ] as const;
      let scores = mul(matMul(q, k, false, true), 1 / Math.sqrt(this.#keySize)) as Tensor;
      const [steps, sources] = scores.shape.slice(-2) as [number, number];
      if (this.#options.causal) scores = add(scores, barredBehind(steps, sources));
      let shares = softmax(scores);
      if (this.#dropout) shares = this.#dropout.apply(shares, { training }) as Tensor;
      const found = transpose(matMul(shares, v), [0, 2, 1, 3]);
      const inner = this.#options.heads * this.#keySize;
      const y = this.#product(reshape(found, [-1, inner]), "output");
      return reshape(y, [-1, steps, this.#width]);
    });
  }

  /** [B, heads, T, keySize] of [B, T, width]. */
  #heads(x: Tensor, name: string): Tensor {
    const [, steps, width] = x.shape as [number, number, number];
    const { heads } = this.#options;
    const y = this.#product(reshape(x, [-1, width]), name);
    return transpose(reshape(y, [-1, steps, heads, this.#keySize]), [0, 2, 1, 3]);
  }

  #product(rows: Tensor, name: string): Tensor {
    const product = matMul(rows, this.weight(`${name}_kernel`));
    const bias = `${name}_bias`;
    return this.hasWeight(bias) ? add(product, this.weight(bias)) : product;
  }

  protected override options(): object {
    return this.#options;
  }
}

/** 0 where a place may look, and far below everything where it may not. */
function barredBehind(steps: number, sources: number): Tensor {
  const values = Float32Array.from({ length: steps * sources }, (_, at) =>
    at % sources > Math.floor(at / sources) ? BARRED : 0,
  );
  return tensor2d(values, [steps, sources]);
}

/**
 * Attention of places to places: of [B, T, width] to itself, or of `[query, value]` from [B, T, width] to [B, S, other];
 * gives [B, T, width].
 * @throws BadArgument for options that are none, or a width that the heads do not divide
 */
export function multiHeadAttention(options: MultiHeadAttentionOptions): layers.Layer {
  return new MultiHeadAttention(options);
}

export const ATTENTION = [MultiHeadAttention];
