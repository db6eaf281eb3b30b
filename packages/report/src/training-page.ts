/** A training run as one page. */
import { typedErrors } from "@hone/core";
import { figureLabel, figureText, isShare } from "./figures.js";
import {
  type ChartSurroundings,
  confusionChart,
  dataTable,
  definitionList,
  details,
  figure,
  figureRow,
  htmlPage,
  imageGrid,
  lineChart,
  note,
  paragraph,
  type Section,
  section,
  thinSeries,
} from "./html/kit.js";
import { confusedPairs, type Mistakes } from "./mistakes.js";
import { numberText, percentText } from "./numbers.js";

/** What a page about a training run is made of: plain data. */
export interface TrainingReportRecord {
  readonly model: string;
  readonly parameters?: number;
  readonly dataset: string;
  /** True where the images were drawn by code, which the page must say. */
  readonly synthetic: boolean;
  readonly rows: { readonly training: number; readonly validation: number; readonly test: number };
  readonly device: string;
  /** Why this device. */
  readonly why: string;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly epochs: readonly TrainingReportEpoch[];
  /** The loss of each step, from the first on. */
  readonly stepLosses: readonly number[];
  /** Missing until the model was tested. */
  readonly result?: TrainingReportResult;
  /** One a class; their numbers unless given. */
  readonly classNames?: readonly string[];
  /** The last line. */
  readonly madeBy?: string;
}

/** Accuracies are missing, null or NaN for a regression, validation's figures where nothing validated. */
export interface TrainingReportEpoch {
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly validationLoss: number | null;
  readonly validationAccuracy: number | null;
  readonly testLoss?: number;
  readonly testAccuracy?: number;
  /** Every figure under tfjs's name, `val_…` of validation; those above unless given. */
  readonly figures?: ReportFigures;
  /** The same of tests. */
  readonly testFigures?: ReportFigures;
  readonly seconds: number;
}

/** Losses and metrics by name; null and NaN are no value. */
export type ReportFigures = Readonly<Record<string, number | null>>;

/** How the classes of an output were told apart. */
export interface TrainingReportClasses {
  /** `[truth][prediction]` counts; empty for a regression. */
  readonly confusion: readonly (readonly number[])[];
  readonly perClass: readonly {
    readonly precision: number;
    readonly recall: number;
    readonly support: number;
  }[];
}

export interface TrainingReportResult extends TrainingReportClasses {
  readonly loss: number;
  readonly accuracy: number;
  /** Every figure under tfjs's name; loss and accuracy unless given. */
  readonly figures?: ReportFigures;
  /** By name, where the model has several outputs. */
  readonly byOutput?: Readonly<Record<string, TrainingReportClasses>>;
  readonly imagesPerSecond: number;
  readonly mistakes?: Mistakes;
}

/** The page, whole after testing; before, with what is known. */
export function trainingReportHtml(
  record: TrainingReportRecord,
  surroundings: ChartSurroundings,
): string {
  return typedErrors("trainingReportHtml", () => {
    const { model, dataset, result, madeBy } = record;
    return htmlPage({
      title: `${model} on ${dataset}`,
      lead: leadOf(record),
      sections: [
        settingsSection(record),
        curvesSection(record, surroundings),
        ...(result ? classSections(record, result, surroundings) : []),
        ...(result?.mistakes ? [mistakesSection(record, result.mistakes)] : []),
      ],
      ...(madeBy !== undefined && { foot: madeBy }),
    });
  });
}

function leadOf({ result, epochs, rows, synthetic }: TrainingReportRecord): string {
  const after = `after ${epochs.length === 1 ? "one epoch" : `${epochs.length} epochs`}`;
  if (result === undefined) return `Not tested yet: the state ${after}.`;
  const tests = `${numberText(rows.test)} ${synthetic ? "synthetic " : ""}test rows`;
  return Number.isFinite(result.accuracy)
    ? `${percentText(result.accuracy)} of ${tests} right ${after}.`
    : `A loss of ${numberText(result.loss)} on ${tests} ${after}.`;
}

function settingsSection(record: TrainingReportRecord): Section {
  const { parameters, dataset, rows, result, epochs, stepLosses, settings } = record;
  const seconds = epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  return section(
    "The run",
    record.synthetic
      ? note(
          "The images are synthetic: drawn by code. A result on them says nothing about handwriting.",
        )
      : undefined,
    definitionList({
      model: record.model,
      parameters: parameters === undefined ? undefined : numberText(parameters),
      "data set": dataset,
      "training rows": numberText(rows.training),
      "validation rows": rows.validation === 0 ? undefined : numberText(rows.validation),
      "test rows": numberText(rows.test),
      ...settings,
      steps: numberText(stepLosses.length),
      "time training": `${seconds.toFixed(1)} s`,
      "images per second": result && numberText(Math.round(result.imagesPerSecond)),
      ...(result && resultFigures(result)),
      device: record.device,
      "why this device": record.why,
    }),
  );
}

function curvesSection(
  { epochs, stepLosses }: TrainingReportRecord,
  surroundings: ChartSurroundings,
): Section {
  const x = { label: "epoch" };
  const numbers = epochs.map(({ epoch }) => epoch);
  const measured = measuredNames(epochs);
  const seriesOf = (name: string) =>
    [
      { name: "training", y: epochs.map((epoch) => figuresOf(epoch)[name]) },
      { name: "validation", y: epochs.map((epoch) => figuresOf(epoch)[`val_${name}`]) },
      { name: "test", y: epochs.map((epoch) => testFiguresOf(epoch)[name]) },
    ]
      .map((series) => ({ ...series, x: numbers, y: series.y.map((value) => value ?? Number.NaN) }))
      .filter(({ y }) => y.some((value) => !Number.isNaN(value)));
  const chart = (name: string) => {
    const label = figureLabel(name);
    const y = { label, ...(isShare(name) && { percent: true }) };
    return lineChart({ title: titleOf(name), x, y, series: seriesOf(name) }, surroundings);
  };
  const steps = [thinSeries("loss", stepLosses)];
  return section(
    "Curves",
    figureRow(
      ...measured.map((name) =>
        figure(
          chart(name),
          name === "loss"
            ? {
                caption:
                  "Training figures are means over the epoch, taken while the model still learns, with its dropout if it has any.",
              }
            : {},
        ),
      ),
      figure(
        lineChart(
          {
            title: "Loss of each step",
            x: { label: "step" },
            y: { label: "loss", scale: "log" },
            series: steps,
          },
          surroundings,
        ),
      ),
    ),
    details("The epochs as a table", epochTable(epochs)),
  );
}

/** What a result tells, loss last where there is an accuracy. */
function resultFigures(result: TrainingReportResult): Record<string, string> {
  const { accuracy, loss } = result;
  const all = { acc: accuracy, loss, ...result.figures };
  return Object.fromEntries(
    known(all).map(([name, value]) => [`test ${figureLabel(name)}`, figureText(name, value)]),
  );
}

/** Figures that have a value. */
function known(figures: Readonly<Record<string, number | null | undefined>>): [string, number][] {
  return Object.entries(figures).filter(
    (entry): entry is [string, number] => entry[1] != null && !Number.isNaN(entry[1]),
  );
}

function figuresOf(epoch: TrainingReportEpoch): Readonly<Record<string, number>> {
  const { loss, accuracy: acc, validationLoss: val_loss, validationAccuracy: val_acc } = epoch;
  return Object.fromEntries(known(epoch.figures ?? { loss, acc, val_loss, val_acc }));
}

function testFiguresOf(epoch: TrainingReportEpoch): Readonly<Record<string, number>> {
  const { testLoss: loss, testAccuracy: acc } = epoch;
  return Object.fromEntries(known(epoch.testFigures ?? { loss, acc }));
}

/** Names of what training, validation or tests measured; the loss first. */
function measuredNames(epochs: readonly TrainingReportEpoch[]): readonly string[] {
  const trained = epochs.flatMap((epoch) => Object.keys(figuresOf(epoch)));
  const tested = epochs.flatMap((epoch) => Object.keys(testFiguresOf(epoch)));
  return [...new Set(["loss", ...trained.map((name) => name.replace(/^val_/, "")), ...tested])];
}

/** "Loss" and "Accuracy"; other figures by their own names. */
function titleOf(name: string): string {
  const label = figureLabel(name);
  return name === "loss" || name === "acc"
    ? label.replace(/^./, (letter) => letter.toUpperCase())
    : label;
}

function epochTable(epochs: readonly TrainingReportEpoch[]) {
  const namesIn = (of: typeof figuresOf) => [
    ...new Set(epochs.flatMap((epoch) => Object.keys(of(epoch)))),
  ];
  const columnsOf = (of: typeof figuresOf, before: string) =>
    namesIn(of).map((name) => ({
      head: `${before}${figureLabel(name)}`,
      values: epochs.map((epoch): number | undefined => of(epoch)[name]),
      ...(isShare(name) && { text: percentText }),
    }));
  const columns = [
    ...columnsOf(figuresOf, ""),
    ...columnsOf(testFiguresOf, "test "),
    {
      head: "seconds",
      values: epochs.map(({ seconds }): number | undefined => seconds),
      text: (value: number) => value.toFixed(1),
    },
  ];
  return dataTable({
    columns: ["epoch", ...columns],
    rows: epochs.map(({ epoch }, index) => [epoch, ...columns.map(({ values }) => values[index])]),
  });
}

/** For each output that has classes, what is taken for what and how well each class is told. */
function classSections(
  record: TrainingReportRecord,
  result: TrainingReportResult,
  surroundings: ChartSurroundings,
): Section[] {
  const outputs: readonly (readonly [string, TrainingReportClasses])[] = result.byOutput
    ? Object.entries(result.byOutput).map(([name, classes]) => [`: ${name}`, classes])
    : [["", result]];
  return outputs
    .filter(([, { confusion }]) => confusion.length > 0)
    .flatMap(([of, classes]) => [
      confusionSection(record, classes, surroundings, of),
      classesSection(record, classes, of),
    ]);
}

function confusionSection(
  { classNames }: TrainingReportRecord,
  { confusion }: TrainingReportClasses,
  surroundings: ChartSurroundings,
  of: string,
): Section {
  const name = namesOf(classNames);
  const chart = confusionChart(
    { title: "Confusion matrix", confusion, ...(classNames && { classNames }) },
    surroundings,
  );
  const pairs = dataTable({
    caption: "Most confused pairs",
    columns: ["true class", "taken for", "images", { head: "of its class", text: percentText }],
    rows: confusedPairs(confusion).map(({ truth, predicted, count, share }) => [
      name(truth),
      name(predicted),
      count,
      share,
    ]),
  });
  return section(
    `What is taken for what${of}`,
    figureRow(
      figure(chart, {
        caption:
          "Test images: counts, and under them percent of the row, that is of all images truly of that class.",
      }),
      pairs,
    ),
  );
}

function classesSection(
  { classNames }: TrainingReportRecord,
  { perClass }: TrainingReportClasses,
  of: string,
): Section {
  const name = namesOf(classNames);
  return section(
    `Classes${of}`,
    dataTable({
      columns: [
        "class",
        "test rows",
        { head: "precision", text: percentText },
        { head: "recall", text: percentText },
        { head: "F1", text: percentText },
      ],
      rows: perClass.map(({ precision, recall, support }, index) => [
        name(index),
        support,
        precision,
        recall,
        (2 * precision * recall) / (precision + recall),
      ]),
    }),
    paragraph(
      "Precision: of all that was given the class, the share truly of it. Recall: of all truly of the class, the share that was given it. F1: their harmonic mean.",
    ),
  );
}

function mistakesSection({ classNames }: TrainingReportRecord, mistakes: Mistakes): Section {
  const name = namesOf(classNames);
  const { width, height, total, shown } = mistakes;
  const images = shown.map(({ pixels, truth, predicted, confidence, row }) => ({
    width,
    height,
    pixels,
    alt: `test image ${row}: ${name(truth)} taken for ${name(predicted)}`,
    labels: [
      `is ${name(truth)}`,
      `taken for ${name(predicted)}`,
      ...(confidence === undefined ? [] : [percentText(confidence)]),
    ],
  }));
  const which =
    shown.length < total
      ? `${shown.length} of ${numberText(total)} mistakes`
      : `All ${numberText(total)} mistakes`;
  const order = shown.some(({ confidence }) => confidence !== undefined)
    ? ", those the model was surest of first; in percent, how sure it was of its answer"
    : "";
  return section(
    "Mistakes",
    paragraph(`${which} on test images${order}.`),
    imageGrid(images, { size: 84 }),
  );
}

function namesOf(classNames: readonly string[] | undefined): (index: number) => string {
  return (index) => classNames?.[index] ?? `${index}`;
}
