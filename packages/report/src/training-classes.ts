/** Of a training run: which classes are told apart, which are mixed up, and on which pictures. */
import {
  type ChartSurroundings,
  confusionChart,
  dataTable,
  figure,
  figureRow,
  imageGrid,
  paragraph,
  type Section,
  section,
} from "./html/kit.js";
import { confusedPairs, type Mistakes } from "./mistakes.js";
import { numberText, percentText } from "./numbers.js";
import type {
  TrainingReportClasses,
  TrainingReportRecord,
  TrainingReportResult,
} from "./training-record.js";

/** For each output that has classes, what is taken for what and how well each class is told. */
export function classSections(
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
          "Counts of test images; percent, where there is room for it, of all images truly of that class.",
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

export function mistakesSection({ classNames }: TrainingReportRecord, mistakes: Mistakes): Section {
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
