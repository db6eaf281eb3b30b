/** A study's results as text for a terminal. */
import { typedErrors } from "@hone/core";
import { type Alignment, alignColumns } from "../align.js";
import { numberText } from "../numbers.js";
import { lateText } from "./conclusions.js";
import { deviationText, errorText, pointsOf, signedPoints } from "./figure-text.js";
import { publishedAccuracy } from "./published.js";
import type { StudyRecord } from "./records.js";
import type { StudyFigures } from "./study-figures.js";

/** Tables of accuracy and time, of the tuning choices, and the conclusions, one a line. */
export function studyText(record: StudyRecord, figures: StudyFigures): string {
  return typedErrors("studyText", () => {
    return [
      accuracyTable(record, figures),
      ...figures.tuning.map((table) => tuningTable(table)),
      figures.conclusions.map(({ met, text }) => `${marks(met)} ${text}`).join("\n"),
    ]
      .filter((part) => part !== "")
      .join("\n\n");
  });
}

function marks(met: boolean | undefined): string {
  if (met === undefined) return "·";
  return met ? "✓" : "✗";
}

function accuracyTable({ settings }: StudyRecord, { summaries }: StudyFigures): string {
  const head = [
    "data",
    "model",
    "seeds",
    `epoch ${settings.epochs} ± deviation`,
    `${lateText(settings.epochs)} ± error`,
    "published",
    "training",
    "img/s",
  ];
  const rows = summaries.map((summary) => {
    const published = publishedAccuracy[summary.dataset]?.[summary.model];
    const diverged = summary.divergedSeeds.length;
    return [
      summary.dataset,
      summary.model,
      `${summary.seeds.length}${diverged > 0 ? ` (${diverged} diverged)` : ""}`,
      deviationText(summary.accuracy),
      errorText(summary.lateAccuracy),
      published === undefined ? "" : `${Math.round(100 * published)} %`,
      `${summary.trainingSeconds.mean.toFixed(1)} s`,
      numberText(Math.round(summary.imagesPerSecond.mean)),
    ];
  });
  const right = head.slice(2).map((): Alignment => "right");
  return alignColumns([head, ...rows], ["left", "left", ...right], { keys: 2 });
}

function tuningTable(table: StudyFigures["tuning"][number]): string {
  const { dataset, base, baseDeviation, effects } = table;
  const head = [`${base} on ${dataset}`, "seeds", "points", "± chance", "time"];
  const rows = effects.map(({ change, seeds, difference, timeRatio }) => [
    change,
    `${seeds}`,
    signedPoints(difference.value),
    difference.margin === null ? "–" : pointsOf(difference.margin),
    `×${timeRatio.toFixed(1)}`,
  ]);
  const text = alignColumns([head, ...rows], ["left", "right", "right", "right", "right"]);
  const yardstick =
    baseDeviation === null
      ? "one plain run: no yardstick for chance"
      : `± chance: two standard errors; for one seed from the plain model's deviation of ${pointsOf(baseDeviation)} points over its seeds`;
  return `${text}\n${yardstick}`;
}
