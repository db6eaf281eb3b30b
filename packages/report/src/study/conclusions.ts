/** What a study shows, in sentences made from its figures and from nothing else. */

import { typedErrors } from "@hone/core";
import { numberText, percentText } from "../numbers.js";
import { pointsText, timesText } from "./figure-text.js";
import { meets, publishedAccuracy, publishedSettings, referenceAccuracy } from "./published.js";
import type { StudyData, StudyRecord } from "./records.js";
import { type Difference, differenceOf, type Spread } from "./statistics.js";
import { lateEpochs, type ModelSummary } from "./summaries.js";
import { tunedName } from "./tuning-effects.js";

export interface Conclusion {
  readonly topic: "comparability" | "published" | "reference" | "tuning" | "families" | "diverged";
  /** Absent where it is about the whole study. */
  readonly dataset?: string;
  readonly model?: string;
  /** One or two sentences. */
  readonly text: string;
  /** Whether the figure it is about is met; absent where nothing is to be met. */
  readonly met?: boolean;
}

/** In the order they are to be read. */
export function conclude(
  record: StudyRecord,
  summaries: readonly ModelSummary[],
): readonly Conclusion[] {
  return typedErrors("conclude", () => {
    const find = (dataset: string, model: string) =>
      summaries.find(
        (summary) =>
          summary.dataset === dataset && summary.model === model && summary.seeds.length > 0,
      );
    return [
      ...comparability(record),
      ...record.settings.datasets.flatMap(({ name: dataset }) => [
        ...["cnn", "mlp"].flatMap((model) => againstFigures(record, find(dataset, model))),
        ...["cnn", "mlp"].flatMap((model) =>
          tuning(find(dataset, model), find(dataset, tunedName(model))),
        ),
        ...families(find(dataset, "cnn"), find(dataset, "mlp")),
        ...families(find(dataset, tunedName("cnn")), find(dataset, tunedName("mlp"))),
      ]),
      ...summaries.flatMap(diverged),
    ];
  });
}

/** "epochs 8–10"; "epoch 1". */
export function lateText(epochs: number): string {
  return typedErrors("lateText", () => {
    const [first, last] = lateEpochs(epochs);
    return first === last ? `epoch ${last}` : `epochs ${first}–${last}`;
  });
}

function comparability(record: StudyRecord): readonly Conclusion[] {
  const named = record.settings.datasets.filter(({ name }) => name in publishedAccuracy);
  const differs = [...new Set(named.flatMap((data) => departures(record, data)))];
  const synthetic = record.tests.filter((test) => test.synthetic).map(({ name }) => name);
  const text = `This study trained with ${differs.join(", ")}: it neither meets nor misses the published figures, which stand beside its own for orientation only.`;
  return [
    ...(differs.length > 0 ? [{ topic: "comparability" as const, text }] : []),
    ...synthetic.map((dataset) => ({
      topic: "comparability" as const,
      dataset,
      text: `The images of ${dataset} are synthetic, drawn by code.`,
    })),
  ];
}

/** What was done otherwise than in the published study. */
function departures({ settings }: StudyRecord, data: StudyData): readonly string[] {
  const { trainRows, epochs, batchSize } = publishedSettings;
  const departure = (name: string, own: number, published: number) =>
    own === published ? [] : [`${numberText(own)} ${name} instead of ${numberText(published)}`];
  return [
    ...departure("training images", data.trainRows, trainRows),
    ...departure(settings.epochs === 1 ? "epoch" : "epochs", settings.epochs, epochs),
    ...departure("images in a batch", settings.batchSize, batchSize),
  ];
}

function againstFigures(
  record: StudyRecord,
  summary: ModelSummary | undefined,
): readonly Conclusion[] {
  const data = record.settings.datasets.find(({ name }) => name === summary?.dataset);
  if (summary === undefined || data === undefined) return [];
  const { dataset, model, lateAccuracy } = summary;
  const published = publishedAccuracy[dataset]?.[model];
  const reference = referenceAccuracy[dataset]?.[model];
  if (published === undefined || reference === undefined) return [];
  const common = { dataset, model };
  const wholePercent = `${Math.round(100 * published)} %`;
  const reaches = `${model} on ${dataset} reaches ${meanText(lateAccuracy)} over ${lateText(record.settings.epochs)}`;
  if (departures(record, data).length > 0) {
    const text = `${reaches}; the published figure is ${wholePercent}.`;
    return [{ ...common, topic: "published", text }];
  }
  const met = meets(lateAccuracy.mean, published);
  const rounded = `${Math.round(100 * lateAccuracy.mean)} % in whole percents`;
  const verdict = `${met ? "which meets" : "which misses"} the published ${wholePercent}`;
  return [
    { ...common, topic: "published", met, text: `${reaches}, or ${rounded}, ${verdict}.` },
    ...againstReference(summary, reference),
  ];
}

function againstReference(
  { dataset, model, lateAccuracy: { mean, error } }: ModelSummary,
  reference: number,
): readonly Conclusion[] {
  if (error === null) return [];
  const upper = mean + 2 * error;
  const met = upper >= reference;
  const verdict = met ? "reach" : "stay below";
  const text = `Mean and two standard errors of ${model} on ${dataset}, ${percentText(upper)}, ${verdict} the ${percentText(reference)} of an independent run in PyTorch.`;
  return [{ topic: "reference", dataset, model, met, text }];
}

function tuning(
  plain: ModelSummary | undefined,
  tuned: ModelSummary | undefined,
): readonly Conclusion[] {
  if (plain === undefined || tuned === undefined) return [];
  const difference = differenceOf(tuned.lateAccuracy, plain.lateAccuracy);
  const { dataset, model } = tuned;
  const change = difference.value < 0 ? "loses" : "gains";
  const text = `On ${dataset} ${model} ${change} ${pointsText(Math.abs(difference.value))} against ${plain.model} (${percentText(tuned.lateAccuracy.mean)} against ${percentText(plain.lateAccuracy.mean)}), ${judgement(difference)}, and takes ${timesText(tuned.trainingSeconds.mean / plain.trainingSeconds.mean)} the training time.`;
  return [{ topic: "tuning", dataset, model, text }];
}

function families(cnn: ModelSummary | undefined, mlp: ModelSummary | undefined) {
  if (cnn === undefined || mlp === undefined) return [];
  const difference = differenceOf(cnn.lateAccuracy, mlp.lateAccuracy);
  const { dataset } = cnn;
  const [better, worse] = difference.value < 0 ? [mlp, cnn] : [cnn, mlp];
  const [quicker, slower] =
    cnn.trainingSeconds.mean < mlp.trainingSeconds.mean ? [cnn, mlp] : [mlp, cnn];
  const mistakes = ({ lateAccuracy }: ModelSummary) => 1 - lateAccuracy.mean;
  const fewer = mistakes(worse) === 0 ? 0 : 1 - mistakes(better) / mistakes(worse);
  const ratio = slower.trainingSeconds.mean / quicker.trainingSeconds.mean;
  const text = `On ${dataset} ${better.model} is ${pointsText(Math.abs(difference.value))} above ${worse.model}, ${judgement(difference)}: ${Math.round(100 * fewer)} % fewer mistakes. ${quicker.model} trains ${ratio.toFixed(1)} times as fast (${secondsText(quicker)} against ${secondsText(slower)}).`;
  return [{ topic: "families" as const, dataset, text }];
}

function diverged({ dataset, model, divergedSeeds }: ModelSummary): readonly Conclusion[] {
  if (divergedSeeds.length === 0) return [];
  const seeds = `${divergedSeeds.length === 1 ? "seed" : "seeds"} ${divergedSeeds.join(", ")}`;
  const text = `${model} on ${dataset} diverged with ${seeds}; no figure counts what diverged.`;
  return [{ topic: "diverged", dataset, model, text }];
}

function judgement({ margin, clear }: Difference): string {
  if (margin === null) return "which one seed cannot tell from chance";
  return `${clear ? "beyond" : "within"} two standard errors (${pointsText(margin)})`;
}

function meanText({ mean, error, count }: Spread): string {
  const spread = error === null ? "" : ` ± ${(100 * error).toFixed(2)}`;
  return `${percentText(mean)}${spread} (${count === 1 ? "one seed" : `mean of ${count} seeds`})`;
}

function secondsText({ trainingSeconds }: ModelSummary): string {
  return `${trainingSeconds.mean.toFixed(1)} s`;
}
