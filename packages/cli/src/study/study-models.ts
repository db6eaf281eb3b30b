/** The models of a study: the four of the published one, and what lies one step from plain to tuned. */
import { cnn, type ModelName, mlp, zoo } from "@hone/core/models";
import type { StudyModel, StudyNetwork } from "@hone/report";
import type { LayersModel } from "@tensorflow/tfjs-layers";

export const studyModelNames = ["cnn", "cnn-tuned", "mlp", "mlp-tuned"] as const;
export type StudyModelName = (typeof studyModelNames)[number];

const plainCnn = { family: "cnn", filters: 32, kernelSize: 3, dropout: 0 } as const;
const plainMlp = { family: "mlp", units: [128, 64], dropout: 0.5 } as const;

const networks: Readonly<Record<StudyModelName, StudyNetwork>> = {
  cnn: plainCnn,
  "cnn-tuned": { family: "cnn", filters: 64, kernelSize: 5, dropout: 0.5 },
  mlp: plainMlp,
  "mlp-tuned": { family: "mlp", units: [256, 128], dropout: 0.3 },
};

interface Choice {
  /** Ends the variant's name. */
  readonly suffix: string;
  /** What is chosen, and what it stands in place of. */
  readonly choice: string;
  readonly plain: string;
  readonly network: StudyNetwork;
  /** The plain model's unless given. */
  readonly learningRate?: number;
}

/** Each choice of the tuned form, alone. */
const choices: Readonly<Partial<Record<StudyModelName, readonly Choice[]>>> = {
  cnn: [
    {
      suffix: "filters-64",
      choice: "64 filters",
      plain: "32",
      network: { ...plainCnn, filters: 64 },
    },
    {
      suffix: "kernel-5",
      choice: "5×5 kernels",
      plain: "3×3",
      network: { ...plainCnn, kernelSize: 5 },
    },
    {
      suffix: "dropout-0.5",
      choice: "dropout 0.5",
      plain: "none",
      network: { ...plainCnn, dropout: 0.5 },
    },
    {
      suffix: "rate-1e-4",
      choice: "learning rate 1e-4",
      plain: "1e-3",
      network: plainCnn,
      learningRate: 1e-4,
    },
  ],
  mlp: [
    {
      suffix: "units-256-128",
      choice: "256 and 128 units",
      plain: "128 and 64",
      network: { ...plainMlp, units: [256, 128] },
    },
    {
      suffix: "dropout-0.3",
      choice: "dropout 0.3",
      plain: "0.5",
      network: { ...plainMlp, dropout: 0.3 },
    },
    {
      suffix: "rate-1e-4",
      choice: "learning rate 1e-4",
      plain: "1e-3",
      network: plainMlp,
      learningRate: 1e-4,
    },
  ],
};

/** With its published learning rate. */
export function studyModel(name: StudyModelName): StudyModel {
  return { name, network: networks[name], learningRate: publishedRate(name) };
}

/** The one-at-a-time variants of every plain model that is there together with its tuned form. */
export function variantsOf(names: readonly StudyModelName[]): readonly StudyModel[] {
  return names.flatMap((of) => {
    if (!names.some((name) => name === `${of}-tuned`)) return [];
    return (choices[of] ?? []).map(({ suffix, choice, plain, network, learningRate }) => ({
      name: `${of}-${suffix}`,
      network,
      learningRate: learningRate ?? publishedRate(of),
      variant: { of, choice, change: `${choice} instead of ${plain}` },
    }));
  });
}

function publishedRate(name: ModelName): number {
  return zoo[name].defaults.learningRate;
}

/** A fresh model with weights from the seed. */
export function buildNetwork(network: StudyNetwork, seed: number): LayersModel {
  if (network.family === "cnn") {
    const { family: _family, ...options } = network;
    return cnn({ ...options, seed });
  }
  const { family: _family, ...options } = network;
  return mlp({ ...options, seed });
}

/** Multiplications for one image, of 28 × 28 pixels and 10 classes: what a run's time is guessed from. */
export function multiplications(network: StudyNetwork): number {
  if (network.family === "mlp") {
    const [first, second] = network.units;
    return 784 * first + first * second + second * 10;
  }
  const { filters, kernelSize } = network;
  const firstSide = 28 - kernelSize + 1;
  const secondSide = Math.floor(firstSide / 2) - kernelSize + 1;
  const lastSide = Math.floor(secondSide / 2);
  return (
    firstSide ** 2 * kernelSize ** 2 * filters +
    secondSide ** 2 * kernelSize ** 2 * filters ** 2 +
    lastSide ** 2 * filters * 128 +
    128 * 10
  );
}
