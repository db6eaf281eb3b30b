/** The runs of a study, in the order they are trained. */
import { createHash } from "node:crypto";
import { classNamesOf, type Dataset, HoneError, soleInput, soleLabels } from "@hone/core";
import type { DatasetPair } from "@hone/data";
import {
  fileStem,
  type StudyData,
  type StudyModel,
  type StudyRunSettings,
  type StudySettings,
} from "@hone/report";

/**
 * Every model and data set of a seed before the next seed, so that a study that is cut short has something
 * of each; the variants come last.
 */
export function planRuns(settings: StudySettings): readonly StudyRunSettings[] {
  const { datasets, models, batchSize, epochs } = settings;
  const plan = (chosen: readonly StudyModel[], seeds: number) =>
    Array.from({ length: seeds }, (_, index) => index + 1).flatMap((seed) =>
      datasets.flatMap((data) =>
        chosen.map(({ name: model, network, learningRate }): StudyRunSettings => {
          const optimizer = "adam";
          return { model, network, data, optimizer, learningRate, batchSize, epochs, seed };
        }),
      ),
    );
  const main = models.filter(({ variant }) => variant === undefined);
  const variants = models.filter(({ variant }) => variant !== undefined);
  return [...plan(main, settings.seeds), ...plan(variants, settings.variantSeeds)];
}

/** Tells a run from all others of its study, and names its file: `mnist-cnn-seed-1`. */
export function runName({ data, model, seed }: StudyRunSettings): string {
  return `${fileStem(data.name)}-${model}-seed-${seed}`;
}

/** @throws BadData unless images and classes are those that the study's models take */
export function describeData(name: string, { train, test }: DatasetPair): StudyData {
  const { shape } = soleInput(train, "study");
  const classes = classNamesOf(train)?.length ?? 10;
  const where = `data set "${name}"`;
  if (shape.filter((extent) => extent !== 1).join("×") !== "28×28") {
    const what = `its images are ${shape.join("×")}, but the study's models take 28×28 in grey.`;
    throw new HoneError("BadData", where, `${what} Give a set with such images.`);
  }
  if (classes > 10) {
    const what = `it has ${classes} classes, but the study's models tell 10 apart.`;
    throw new HoneError("BadData", where, `${what} Give a set with at most 10.`);
  }
  return { name, trainRows: train.rows, testRows: test.rows, fingerprint: hashOf(train, test) };
}

function hashOf(...parts: readonly Dataset[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    for (const { data } of [soleInput(part, "study"), soleLabels(part, "study")]) {
      hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
  }
  return hash.digest("hex");
}
