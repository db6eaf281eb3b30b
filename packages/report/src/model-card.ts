/** A model card: what a trained model is, was trained on, reached, and must not be taken for. Markdown. */
import { typedErrors, visibleText } from "@hone/core";
import { figureLabel } from "./figures.js";
import { confusedPairs } from "./mistakes.js";
import { numberText, percentText } from "./numbers.js";
import { testedFigures } from "./training-figures.js";
import type {
  TrainingReportClasses,
  TrainingReportRecord,
  TrainingReportResult,
} from "./training-record.js";

const mostWeakClasses = 3;
const mostPairs = 3;

/**
 * The text of a `MODEL-CARD.md`: data, settings, figures and limits, each said from the record alone. Equal records
 * give equal text; what comes from data is written so that no Markdown in it takes effect.
 */
export function modelCard(record: TrainingReportRecord): string {
  return typedErrors("modelCard", () => {
    const { model, dataset, madeBy } = record;
    return [
      `# ${plain(model)} on ${plain(dataset)}`,
      outcomeText(record),
      "## Figures",
      ...figures(record),
      "## Data",
      dataTable(record),
      "## Settings",
      pairs({ ...record.settings, steps: numberText(record.stepLosses.length) }),
      ...modelParts(record),
      "## How it was made",
      pairs(makingOf(record)),
      "## Limits",
      limitsOf(record)
        .map((limit) => `* ${limit}`)
        .join("\n"),
      ...(madeBy === undefined ? [] : [plain(madeBy)]),
    ]
      .join("\n\n")
      .concat("\n");
  });
}

function outcomeText({ result, rows, epochs, synthetic }: TrainingReportRecord): string {
  const after = epochs.length === 1 ? "one epoch" : `${epochs.length} epochs`;
  if (result === undefined) return `Not tested yet: the state after ${after}.`;
  const tests = `${numberText(rows.test)} ${synthetic ? "synthetic " : ""}test rows`;
  return Number.isFinite(result.accuracy)
    ? `**${percentText(result.accuracy)}** of ${tests} right after ${after}.`
    : `A loss of **${numberText(result.loss)}** on ${tests} after ${after}.`;
}

function figures({ result, classNames, epochs }: TrainingReportRecord): string[] {
  if (result === undefined) {
    const last = epochs.at(-1);
    return [pairs({ "training loss": last === undefined ? "none yet" : numberText(last.loss) })];
  }
  const speed = `${numberText(Math.round(result.imagesPerSecond))} images per second`;
  const tested = pairs({ ...testedFigures(result), "training speed": speed });
  return [tested, ...outputsOf(result).flatMap(([name, of]) => classTable(name, of, classNames))];
}

/** Of each output that has classes. */
function outputsOf(result: TrainingReportResult): (readonly [string, TrainingReportClasses])[] {
  const outputs = Object.entries(result.byOutput ?? { "": result });
  return outputs.filter(([, { perClass }]) => perClass.length > 0);
}

function classTable(
  output: string,
  { perClass }: TrainingReportClasses,
  classNames: readonly string[] | undefined,
): string[] {
  const head = output === "" ? [] : [`Output ${plain(output)}:`];
  const rows = perClass.map(({ precision, recall, support }, index) => [
    nameOf(classNames, index),
    numberText(support),
    shareText(precision),
    shareText(recall),
  ]);
  return [...head, table(["class", "test rows", "precision", "recall"], rows)];
}

function dataTable({ dataset, rows, synthetic }: TrainingReportRecord): string {
  return pairs({
    "data set": synthetic ? `${dataset} (synthetic: drawn by code)` : dataset,
    "training rows": numberText(rows.training),
    ...(rows.validation > 0 && { "validation rows": numberText(rows.validation) }),
    "test rows": numberText(rows.test),
  });
}

function modelParts({ layers, parameters }: TrainingReportRecord): string[] {
  if (layers === undefined) return [];
  const count = parameters === undefined ? "" : `, ${numberText(parameters)} parameters`;
  return [
    "## Model",
    `${layers.length} layers${count}.`,
    table(
      ["layer", "kind", "output", "parameters"],
      layers.map(({ name, kind, shape, parameters: own }) => [name, kind, shape, numberText(own)]),
    ),
  ];
}

function makingOf({ device, why, machine = {}, date, epochs }: TrainingReportRecord) {
  const seconds = epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  return {
    device,
    "why this device": why,
    "training time": `${seconds.toFixed(1)} s`,
    ...machine,
    ...(date !== undefined && { date }),
  };
}

function limitsOf(record: TrainingReportRecord): string[] {
  const { result, rows, synthetic, dataset, classNames, settings } = record;
  const limits = [
    `Its figures hold for rows like those of ${plain(dataset)}. What comes from elsewhere (another camera, another hand, another language) was not looked at.`,
    "seed" in settings
      ? `One run, of seed ${plain(`${settings.seed}`)}: another seed gives figures that differ by some tenths of a percent or more.`
      : "One run: another gives figures that differ somewhat.",
    "An output is the model's own score for an answer, and no probability that the answer is right; a row of no class that it knows gets one of them all the same.",
  ];
  if (synthetic)
    limits.unshift("It has learned pictures drawn by code, and is of no use for real ones.");
  if (rows.validation === 0) {
    limits.push(
      "Nothing was held back for validation: settings that were chosen by the test figures make these too good.",
    );
  }
  if (result === undefined) return ["It was not tested.", ...limits];
  return [...limits, ...outputsOf(result).flatMap(([, of]) => weaknesses(of, classNames))];
}

function weaknesses(
  { perClass, confusion }: TrainingReportClasses,
  classNames: readonly string[] | undefined,
): string[] {
  const weakest = perClass
    .map(({ recall }, index) => ({ recall, name: nameOf(classNames, index) }))
    .filter(({ recall }) => recall < 1)
    .sort((one, other) => one.recall - other.recall)
    .slice(0, mostWeakClasses)
    .map(({ recall, name }) => `${plain(name)} (${percentText(recall)} found)`);
  const mixed = confusedPairs(confusion, mostPairs).map(
    ({ truth, predicted, count }) =>
      `${plain(nameOf(classNames, truth))} for ${plain(nameOf(classNames, predicted))} (${numberText(count)} times)`,
  );
  return [
    ...(weakest.length > 0 ? [`It is weakest on ${weakest.join(", ")}.`] : []),
    ...(mixed.length > 0 ? [`It most often takes ${mixed.join(", ")}.`] : []),
  ];
}

function nameOf(classNames: readonly string[] | undefined, index: number): string {
  return classNames?.[index] ?? `${index}`;
}

function shareText(value: number): string {
  return Number.isNaN(value) ? "–" : percentText(value);
}

function pairs(entries: Readonly<Record<string, string | number>>): string {
  return table(
    ["", ""],
    Object.entries(entries).map(([name, value]) => [figureLabel(name), `${value}`]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(plain).join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

/** Text that stands for itself in a line of Markdown, and in a cell of a table. */
function plain(text: string): string {
  return visibleText(text).replace(/[\\`*_[\]<>|#&]/g, (mark) => `\\${mark}`);
}
