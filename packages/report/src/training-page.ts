/** A training run as one page. */
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
  readonly seconds: number;
}

export interface TrainingReportResult {
  readonly loss: number;
  readonly accuracy: number;
  /** `[truth][prediction]` counts; empty for a regression. */
  readonly confusion: readonly (readonly number[])[];
  readonly perClass: readonly {
    readonly precision: number;
    readonly recall: number;
    readonly support: number;
  }[];
  readonly imagesPerSecond: number;
  readonly mistakes?: Mistakes;
}

/** The page, whole after testing; before, with what is known. */
export function trainingReportHtml(
  record: TrainingReportRecord,
  surroundings: ChartSurroundings,
): string {
  const { model, dataset, result, madeBy } = record;
  return htmlPage({
    title: `${model} on ${dataset}`,
    lead: leadOf(record),
    sections: [
      settingsSection(record),
      curvesSection(record, surroundings),
      ...(result && result.confusion.length > 0
        ? [confusionSection(record, result, surroundings), classesSection(record, result)]
        : []),
      ...(result?.mistakes ? [mistakesSection(record, result.mistakes)] : []),
    ],
    ...(madeBy !== undefined && { foot: madeBy }),
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
      "test accuracy":
        result && Number.isFinite(result.accuracy) ? percentText(result.accuracy) : undefined,
      "test loss": result && numberText(result.loss),
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
  const seriesOf = (
    of: Readonly<Record<string, (epoch: TrainingReportEpoch) => number | null | undefined>>,
  ) =>
    Object.entries(of)
      .map(([name, value]) => ({
        name,
        x: numbers,
        y: epochs.map((epoch) => value(epoch) ?? Number.NaN),
      }))
      .filter(({ y }) => y.some((value) => !Number.isNaN(value)));
  const losses = seriesOf({
    training: ({ loss }) => loss,
    validation: ({ validationLoss }) => validationLoss,
    test: ({ testLoss }) => testLoss,
  });
  const accuracies = seriesOf({
    training: ({ accuracy }) => accuracy,
    validation: ({ validationAccuracy }) => validationAccuracy,
    test: ({ testAccuracy }) => testAccuracy,
  });
  const accuracy = { label: "accuracy", percent: true };
  const steps = [thinSeries("loss", stepLosses)];
  return section(
    "Curves",
    figureRow(
      figure(lineChart({ title: "Loss", x, y: { label: "loss" }, series: losses }, surroundings), {
        caption:
          "Training figures are means over the epoch, taken while the model still learns, with its dropout if it has any.",
      }),
      ...(accuracies.length > 0
        ? [
            figure(
              lineChart({ title: "Accuracy", x, y: accuracy, series: accuracies }, surroundings),
            ),
          ]
        : []),
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

function epochTable(epochs: readonly TrainingReportEpoch[]) {
  const known = (value: number | null | undefined) => value ?? undefined;
  const columns = [
    { head: "loss", values: epochs.map(({ loss }) => loss) },
    { head: "accuracy", values: epochs.map(({ accuracy }) => accuracy), text: percentText },
    { head: "validation loss", values: epochs.map(({ validationLoss }) => known(validationLoss)) },
    {
      head: "validation accuracy",
      values: epochs.map(({ validationAccuracy }) => known(validationAccuracy)),
      text: percentText,
    },
    { head: "test loss", values: epochs.map(({ testLoss }) => testLoss) },
    {
      head: "test accuracy",
      values: epochs.map(({ testAccuracy }) => testAccuracy),
      text: percentText,
    },
    {
      head: "seconds",
      values: epochs.map(({ seconds }) => seconds),
      text: (value: number) => value.toFixed(1),
    },
  ].filter(({ values }) => values.some((value) => value !== undefined));
  return dataTable({
    columns: ["epoch", ...columns],
    rows: epochs.map(({ epoch }, index) => [epoch, ...columns.map(({ values }) => values[index])]),
  });
}

function confusionSection(
  { classNames }: TrainingReportRecord,
  { confusion }: TrainingReportResult,
  surroundings: ChartSurroundings,
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
    "What is taken for what",
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
  { perClass }: TrainingReportResult,
): Section {
  const name = namesOf(classNames);
  return section(
    "Classes",
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
