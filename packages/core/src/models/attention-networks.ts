/** Networks of attention: an encoder that reads a text, and a decoder that writes on. */
import { type LayersModel, layers } from "@tensorflow/tfjs-layers";
import { checkOptions } from "../run/options.js";
import { multiHeadAttention } from "./layers/attention.js";
import { layerNormalization } from "./layers/normalizations.js";
import { positionalEmbedding } from "./layers/positional-embedding.js";
import { COUNT, MODEL, SHARE, TEXT, type TextNetworkOptions } from "./network-options.js";
import { type Node, Wiring, wired } from "./wiring.js";

export interface AttentionOptions extends TextNetworkOptions {
  /** Numbers for each place; 128 unless given. A multiple of `heads`. */
  readonly width?: number;
  /** 4 unless given. */
  readonly heads?: number;
  /** How many blocks of attention and dense layers. */
  readonly blocks?: number;
  /** Share dropped in each block; 0, which means none, unless given. */
  readonly dropout?: number;
}

export interface TransformerOptions extends AttentionOptions {
  /** How many classes of text are told apart, at least 2; 10 unless given. */
  readonly classes?: number;
}

const KNOWN = { ...TEXT, width: COUNT, heads: COUNT, blocks: COUNT, dropout: SHARE };
/** The dense layers of a block widen to so many times the width. */
const WIDENING = 4;
const WORD_DEVIATION = 0.02;

/**
 * A transformer's encoder with the mean of its places: [length] whole numbers to classes, of 64 words out of 10,000 and
 * in 2 blocks unless told otherwise.
 * @throws BadArgument
 */
export function transformer(given: TransformerOptions = {}): LayersModel {
  checkOptions("transformer", given, { ...KNOWN, classes: MODEL.classes });
  const { vocabulary = 10_000, length = 64, blocks = 2, classes = 10, seed } = given;
  const w = new Wiring({ seed });
  return wired([length], (input) => {
    const words = embedded(w, input, { ...given, vocabulary, kind: "sinusoidal" });
    const read = attended(w, words, { ...given, blocks, causal: false });
    return w.classifier(w.apply(layers.globalAveragePooling1d({}), read), classes);
  });
}

/**
 * A small decoder that foretells each next word from those before it: [length] whole numbers to [length, vocabulary]
 * probabilities, of 64 letters out of 64 and in 4 blocks unless told otherwise.
 * @throws BadArgument
 */
export function gpt(given: AttentionOptions = {}): LayersModel {
  checkOptions("gpt", given, KNOWN);
  const { vocabulary = 64, length = 64, blocks = 4, seed } = given;
  const w = new Wiring({ seed });
  return wired([length], (input) => {
    const words = embedded(w, input, { ...given, vocabulary, kind: "learned" });
    return w.classifier(attended(w, words, { ...given, blocks, causal: true }), vocabulary);
  });
}

interface Embedding extends AttentionOptions {
  readonly vocabulary: number;
  readonly kind: "learned" | "sinusoidal";
}

function embedded(w: Wiring, input: Node, { vocabulary, width = 128, kind }: Embedding): Node {
  const embeddingsInitializer = w.seeds.normal(WORD_DEVIATION);
  const words = layers.embedding({
    inputDim: vocabulary,
    outputDim: width,
    embeddingsInitializer,
  });
  return w.apply(positionalEmbedding({ kind, seed: w.seeds.next() }), w.apply(words, input));
}

interface Blocks extends AttentionOptions {
  readonly blocks: number;
  readonly causal: boolean;
}

/** Blocks that normalise before they attend (Xiong et al. 2020), and a last normalisation. */
function attended(
  w: Wiring,
  x: Node,
  { width = 128, heads = 4, blocks, dropout = 0, causal }: Blocks,
): Node {
  const normalized = (to: Node) => w.apply(layerNormalization({ epsilon: 1e-5 }), to);
  let y = x;
  for (let block = 0; block < blocks; block++) {
    // Of four kernels.
    const [seed] = [w.seeds.next(), w.seeds.next(), w.seeds.next(), w.seeds.next()];
    const attention = multiHeadAttention({ heads, causal, seed: seed as number });
    const looked = w.dropout(w.apply(attention, normalized(y)), dropout);
    y = w.apply(layers.add(), [y, looked]);
    const wide = w.dense(normalized(y), WIDENING * width, "gelu");
    y = w.apply(layers.add(), [y, w.dropout(w.dense(wide, width), dropout)]);
  }
  return normalized(y);
}
