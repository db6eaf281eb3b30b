/** The winner's one look at the test set. */
import path from "node:path";
import { classNamesOf, compile, type Dataset, type Device } from "@hone/core";
import { readRegularText } from "@hone/data";
import {
  hasFields,
  isAnyNumber,
  isListOf,
  isObject,
  isShare,
  isText,
  isWhole,
  optional,
  parseJson,
} from "../files/shape.js";
import { writeWhole } from "../files/write-whole.js";
import { readModel } from "../model-files.js";
import { jsonText, type SearchFolder } from "./search-folder.js";
import type { Configuration } from "./space.js";
import { scoreOf, type TrialRecord } from "./trial-record.js";

/** The file `winner.json`: apart from the leaderboard, which knows nothing of the test set. */
export interface Winner {
  /** Of the settings it was trained with. */
  readonly settings: string;
  readonly trial: number;
  readonly epochs: number;
  readonly configuration: Configuration;
  readonly validationAccuracy: number;
  readonly classNames?: readonly string[];
  readonly test: {
    readonly images: number;
    readonly synthetic: boolean;
    readonly numerics: string;
    /** Means over the seeds. */
    readonly accuracy: number;
    readonly loss: number;
    readonly seeds: readonly {
      readonly seed: number;
      readonly accuracy: number;
      readonly loss: number;
      readonly confusion: readonly (readonly number[])[];
    }[];
  };
}

/**
 * Tests the best trial's models, as they were when it was judged; a winner that was tested before is not tested again.
 * @param open gives device and test images, only if they are needed
 * @returns undefined when every trial failed
 */
export async function testWinner(
  folder: SearchFolder,
  open: () => Promise<{ readonly device: Device; readonly test: Dataset }>,
  signal: AbortSignal,
): Promise<Winner | undefined> {
  const best = folder.best();
  if (best === undefined) return undefined;
  const score = scoreOf(best);
  if (score.status === "failed" || best.outcome.status === "failed") return undefined;
  const { trial, epochs, configuration, settings } = best;
  const file = path.join(folder.folder, "winner.json");
  const before = await testedBefore(file, best);
  if (before !== undefined) return before;
  const { device, test } = await open();
  const classNames = classNamesOf(test);
  const seeds: Winner["test"]["seeds"][number][] = [];
  for (const { seed } of best.outcome.seeds) {
    const { model } = await readModel(folder.modelFolder(best, seed));
    const session = await compile(model, { device });
    const { accuracy, loss, confusion } = await session.evaluate(test, { signal });
    session.close();
    model.dispose();
    seeds.push({ seed, accuracy, loss, confusion });
  }
  const mean = (name: "accuracy" | "loss") =>
    seeds.reduce((sum, figures) => sum + figures[name], 0) / seeds.length;
  const winner: Winner = {
    settings,
    trial,
    epochs,
    configuration,
    validationAccuracy: score.validationAccuracy,
    ...(classNames && { classNames }),
    test: {
      images: test.rows,
      synthetic: test.synthetic ?? false,
      numerics: device.info.numerics,
      accuracy: mean("accuracy"),
      loss: mean("loss"),
      seeds,
    },
  };
  await writeWhole(file, jsonText(winner));
  return winner;
}

const isWinner = hasFields({
  settings: isText,
  trial: isWhole(1),
  epochs: isWhole(1),
  configuration: isObject,
  validationAccuracy: isShare,
  classNames: optional(isListOf(isText)),
  test: hasFields({
    images: isWhole(1),
    synthetic: (value) => typeof value === "boolean",
    numerics: isText,
    accuracy: isShare,
    loss: isAnyNumber,
    seeds: isListOf(
      hasFields({
        seed: isWhole(0),
        accuracy: isShare,
        loss: isAnyNumber,
        confusion: isListOf(isListOf(isWhole(0))),
      }),
    ),
  }),
});

/** What cannot be read, or is damaged, is tested again. */
async function testedBefore(file: string, best: TrialRecord): Promise<Winner | undefined> {
  const json = parseJson(await readRegularText(file, longestWinner).catch(() => ""));
  if (!isWinner(json)) return undefined;
  const winner = json as Winner;
  const same =
    winner.settings === best.settings &&
    winner.trial === best.trial &&
    winner.epochs === best.epochs &&
    JSON.stringify(winner.configuration) === JSON.stringify(best.configuration);
  return same ? winner : undefined;
}

const longestWinner = 2 ** 26;
