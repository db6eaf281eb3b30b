/** Small models around recurrent layers, their cells and wrappers. */
import type { Shape } from "@hone/core/internals";
import { layers, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import { glorot, type Layer, type LayerRivalry, one, rivalry } from "./rivalry.js";

const sequence: Shape = [5, 3];

export const sequenceRivalries: Readonly<Record<string, () => LayerRivalry>> = {
  simpleRNN: rivalry(
    sequence,
    one(() => layers.simpleRNN({ units: 4, ...glorot }) as Layer),
  ),
  lstm: rivalry(
    sequence,
    one(() => layers.lstm({ units: 4, ...glorot }) as Layer),
  ),
  "lstm returnSequences goBackwards": rivalry(
    sequence,
    one(
      () => layers.lstm({ units: 4, returnSequences: true, goBackwards: true, ...glorot }) as Layer,
    ),
  ),
  gru: rivalry(
    sequence,
    one(() => layers.gru({ units: 4, ...glorot }) as Layer),
  ),
  "rnn of cells": rivalry(
    sequence,
    one(
      () =>
        layers.rnn({
          cell: [
            layers.lstmCell({ units: 4, ...glorot }),
            layers.gruCell({ units: 3, ...glorot }),
            layers.simpleRNNCell({ units: 2, ...glorot }),
          ] as never,
        }) as Layer,
    ),
  ),
  stackedRNNCells: rivalry(
    sequence,
    one(
      () =>
        layers.rnn({
          cell: layers.stackedRNNCells({
            cells: [
              layers.gruCell({ units: 3, ...glorot }),
              layers.lstmCell({ units: 4, ...glorot }),
            ] as never,
          }) as never,
          returnSequences: true,
        }) as Layer,
    ),
  ),
  "encoder and decoder": rivalry(sequence, (x) => {
    const [, h, c] = layers
      .lstm({ units: 4, returnState: true, ...glorot })
      .apply(x) as SymbolicTensor[];
    return layers
      .lstm({ units: 4, returnSequences: true, ...glorot })
      .apply(x, { initialState: [h, c] } as never) as SymbolicTensor;
  }),
  ...Object.fromEntries(
    (["concat", "sum", "mul", "ave"] as const).map((mergeMode) => [
      `bidirectional ${mergeMode}`,
      rivalry(
        sequence,
        one(
          () =>
            layers.bidirectional({
              layer: layers.gru({ units: 3, returnSequences: true, ...glorot }) as never,
              mergeMode,
            }) as Layer,
        ),
      ),
    ]),
  ),
  timeDistributed: rivalry(
    sequence,
    one(() => layers.timeDistributed({ layer: layers.dense({ units: 4 }) }) as Layer),
  ),
  convLstm2d: rivalry(
    [3, 5, 4, 2],
    one(
      () =>
        layers.convLstm2d({
          filters: 3,
          kernelSize: 3,
          padding: "same",
          ...glorot,
        } as never) as Layer,
    ),
    { steps: 5 },
  ),
};
