/** The page of a search, from its leaderboard and its winner. */
import path from "node:path";
import { percentText } from "@hone/report";
import type { TuningReportRecord } from "@hone/report/html";
import { writeWhole } from "../files/write-whole.js";
import type { Leaderboard } from "./leaderboard.js";
import { parameterLabel, valueText } from "./space.js";
import type { Winner } from "./winner.js";

/** Writes `tune.html`; loads what draws it only now. */
export async function writePage(
  folder: string,
  board: Leaderboard,
  winner: Winner | undefined,
): Promise<void> {
  const [{ tuningReportHtml }, { htmlDocument }] = await Promise.all([
    import("@hone/report/html"),
    import("../html-document.js"),
  ]);
  const text = tuningReportHtml(recordOf(board, winner), { document: htmlDocument() });
  await writeWhole(path.join(folder, "tune.html"), text);
}

function recordOf(board: Leaderboard, winner: Winner | undefined): TuningReportRecord {
  const { trial, extent } = board.settings;
  const { space, data } = trial;
  const names = [...new Set(board.trials.flatMap((row) => Object.keys(row.configuration)))];
  return {
    model: space.model,
    dataset: data.name,
    synthetic: winner?.test.synthetic ?? data.name === "digits",
    settings: {
      search: extent.search,
      trials: extent.trials,
      epochs: extent.epochs,
      ...(extent.eta !== null && { "halving keeps": `one in ${extent.eta}` }),
      ...(extent.bracketSize !== null && {
        "trials in a bracket": `at most ${extent.bracketSize}`,
      }),
      "training images": data.rows,
      validation: `the last ${percentText(trial.validation)}`,
      "batch size": trial.batchSize,
      seed: trial.seed,
      "seeds per trial": trial.seedsPerTrial,
      numerics: trial.numerics,
      hone: trial.hone,
      "SHA-256 of the training images": data.sha256,
    },
    trials: board.trials.map((row) => ({
      trial: row.trial,
      epochs: row.epochs,
      configuration: Object.fromEntries(
        names.map((name) => {
          const value = row.configuration[name];
          return [parameterLabel(name), value === undefined ? "–" : valueText(value)];
        }),
      ),
      validationAccuracies: row.seeds.map(({ validationAccuracy }) => validationAccuracy),
      validationLoss: row.validationLoss,
      reason: row.reason,
    })),
    effects: board.effects.map((effect) => ({
      ...effect,
      parameter: parameterLabel(effect.parameter),
    })),
    effectsEpochs: board.effectsEpochs,
    ...(winner && {
      winner: {
        trial: winner.trial,
        validationAccuracy: winner.validationAccuracy,
        accuracy: winner.test.accuracy,
        loss: winner.test.loss,
        images: winner.test.images,
        seeds: winner.test.seeds.length,
        confusion: winner.test.seeds[0]!.confusion,
      },
      ...(winner.classNames && { classNames: winner.classNames }),
    }),
    madeBy: `Made by hone ${trial.hone}.`,
  };
}
