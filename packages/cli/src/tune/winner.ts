/** The winner's one look at the test set. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { classNamesOf, compile, type Dataset, type Device } from "@hone/core";
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

async function testedBefore(file: string, best: TrialRecord): Promise<Winner | undefined> {
  try {
    const winner = JSON.parse(await readFile(file, "utf8")) as Winner;
    const same =
      winner.settings === best.settings &&
      winner.trial === best.trial &&
      winner.epochs === best.epochs &&
      Number.isFinite(winner.test.accuracy);
    return same ? winner : undefined;
  } catch {
    return undefined;
  }
}
