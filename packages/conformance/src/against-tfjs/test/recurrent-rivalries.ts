/** Small models around one recurrent layer each: what is one node, and what is unrolled. */
import type { Shape } from "@hone/core/internals";
import { layers, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { glorot, type Layer, type LayerRivalry, one, rivalry } from "./rivalry.js";

const sequence: Shape = [5, 3];

/** One of the three layers, with the same options. */
const OPTIONS: Readonly<Record<string, object>> = {
  "without a bias, of sigmoids": { useBias: false, recurrentActivation: "sigmoid" },
  "of relu": { activation: "relu" },
  "that returns sequences": { returnSequences: true },
  "that goes backwards and returns sequences": { returnSequences: true, goBackwards: true },
  "that goes backwards": { goBackwards: true },
  "of swish, which is unrolled": { activation: "swish" },
  "dropout of nothing": { dropout: 0, recurrentDropout: 0 },
};

const KINDS = ["simpleRNN", "gru", "lstm"] as const;

const layerOf = (kind: (typeof KINDS)[number], options: object) =>
  layers[kind]({ units: 4, ...glorot, ...options } as never) as Layer;

export const recurrentRivalries: Readonly<Record<string, () => LayerRivalry>> = {
  ...Object.fromEntries(
    KINDS.flatMap((kind) =>
      Object.entries(OPTIONS).map(([told, options]) => [
        `${kind} ${told}`,
        rivalry(
          sequence,
          one(() => layerOf(kind, options)),
        ),
      ]),
    ),
  ),
  "states of a gru for a simpleRNN": rivalry(sequence, (x) => {
    const gru = layers.gru({ units: 4, returnState: true, returnSequences: true, ...glorot });
    const [all, h] = gru.apply(x) as SymbolicTensor[];
    const rnn = layers.simpleRNN({ units: 4, returnSequences: true, ...glorot });
    return rnn.apply(all as SymbolicTensor, { initialState: [h] } as never) as SymbolicTensor;
  }),
  "all states of an lstm": rivalry(sequence, (x) => {
    const lstm = layers.lstm({ units: 4, returnState: true, goBackwards: true, ...glorot });
    return layers.concatenate().apply(lstm.apply(x) as SymbolicTensor[]) as SymbolicTensor;
  }),
};
