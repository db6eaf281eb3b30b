/** What a training run leaves behind, as data and as text. */
import {
  type Augment,
  type ClassFigures,
  type Dataset,
  type EpochEnd,
  type Evaluation,
  type Figures,
  visibleText,
} from "@hone/core";
import {
  confusionTable,
  curveText,
  figureLabel,
  figureText,
  historyTable,
  numberText,
  percentText,
} from "@hone/report";
import { wrap } from "./help.js";
import type { ScheduleChoice } from "./schedule-option.js";

/** One epoch, as in the file of `--json`. */
export interface EpochResult {
  readonly epoch: number;
  readonly loss: number;
  /** Of the only output; NaN, in the file null, where there is none. */
  readonly accuracy: number;
  readonly validationLoss: number | null;
  readonly validationAccuracy: number | null;
  /** With `--evaluate-each-epoch`. */
  readonly testLoss?: number;
  readonly testAccuracy?: number;
  /** Every loss and metric under tfjs's name, those of validation as `val_…`. */
  readonly figures: Figures;
  /** With `--evaluate-each-epoch`. */
  readonly testFigures?: Figures;
  /** Training alone. */
  readonly seconds: number;
}

/** What a test found, as in files. */
export interface TestResult {
  readonly loss: number;
  /** As in `EpochResult`. */
  readonly accuracy: number;
  readonly figures: Figures;
  /** `[truth][prediction]` of the only output; empty where that has no classes. */
  readonly confusion: readonly (readonly number[])[];
  /** Where the model has several outputs; empty for those without labels. */
  readonly byOutput?: Readonly<Record<string, OutputResult>>;
}

/** How the classes of an output were told apart; empty, with an accuracy of NaN, where it has none. */
export interface OutputResult {
  readonly accuracy: number;
  readonly confusion: readonly (readonly number[])[];
  readonly perClass: readonly ClassFigures[];
}

/** The file of `--json`. */
export interface TrainingResult {
  readonly model: string;
  readonly dataset: string;
  readonly backend: string;
  /** Why this backend. */
  readonly why: string;
  readonly seed: number;
  readonly batchSize: number;
  readonly schedule: ScheduleChoice;
  /** What was done to the training images. */
  readonly augment: Augment | null;
  readonly epochs: readonly EpochResult[];
  readonly test: TestResult;
  /** Over whole epochs, gather included; compilation and validation excluded. */
  readonly imagesPerSecond: number;
  readonly steps: number;
  readonly device: string;
}

export function epochResult(record: EpochEnd, test: Evaluation | undefined): EpochResult {
  return {
    epoch: record.epoch,
    loss: record.loss,
    accuracy: record.accuracy,
    validationLoss: record.validationLoss ?? null,
    validationAccuracy: record.validationAccuracy ?? null,
    ...(test && { testLoss: test.loss, testAccuracy: test.accuracy }),
    figures: record.figures,
    ...(test && { testFigures: test.figures }),
    seconds: record.seconds,
  };
}

export function testResult(evaluation: Evaluation): TestResult {
  const { loss, accuracy, figures, confusion } = evaluation;
  const outputs = Object.entries(evaluation.byOutput);
  const byOutput = Object.fromEntries(
    outputs.map(([name, { accuracy, confusion, perClass }]) => [
      name,
      { accuracy, confusion, perClass },
    ]),
  );
  return { loss, accuracy, figures, confusion, ...(outputs.length > 1 && { byOutput }) };
}

/** A run's description, known before it starts. */
export interface RunHeader {
  readonly model: string;
  readonly dataset: string;
  readonly train: Dataset;
  readonly device: string;
  readonly why: string;
  readonly settings: string;
}

/** The report after some epochs, or (with `result`) at the end. */
export function reportText(
  header: RunHeader,
  epochs: readonly EpochResult[],
  losses: readonly number[],
  result: { readonly outcome: TrainingResult; readonly classNames?: readonly string[] } | undefined,
): string {
  const names = [...new Set(epochs.flatMap(({ figures }) => Object.keys(figures)))];
  const history = Object.fromEntries(
    names.map((name) => [name, epochs.map(({ figures }) => figures[name] ?? Number.NaN)]),
  );
  const seconds = epochs.map((epoch) => epoch.seconds);
  const lines = [
    `Model      ${visibleText(header.model)}`,
    `Data       ${visibleText(header.dataset)}, ${numberText(header.train.rows)} training images${syntheticNote(header.train)}`,
    `Device     ${header.device}`,
    `Why        ${wrap(header.why, 69).join("\n           ")}`,
    `Settings   ${header.settings}`,
    "",
    historyTable({ history, seconds }),
    "",
    curveText("loss of each step", losses),
  ];
  if (result === undefined) return lines.join("\n").concat("\n");
  const { outcome, classNames } = result;
  lines.push(
    "",
    testLine(outcome.test, outcome.dataset, header.train),
    speedLine(outcome.imagesPerSecond, outcome.steps),
  );
  lines.push(...confusionTexts(outcome.test, classNames).flatMap((text) => ["", text]));
  return lines.join("\n").concat("\n");
}

/** What came of a run, in a few lines. */
export function shortReport({ train }: RunHeader, outcome: TrainingResult): string {
  const { test, dataset, imagesPerSecond, steps } = outcome;
  return [testLine(test, dataset, train), speedLine(imagesPerSecond, steps)].join("\n");
}

function speedLine(imagesPerSecond: number, steps: number): string {
  return `Speed      ${numberText(Math.round(imagesPerSecond))} images per second over ${numberText(steps)} steps`;
}

/** A table for each output that has classes, named where there are several outputs. */
export function confusionTexts(
  { confusion, byOutput }: Pick<TestResult, "confusion" | "byOutput">,
  classNames: readonly string[] | undefined,
): readonly string[] {
  if (byOutput === undefined) {
    return confusion.length > 0 ? [confusionTable(confusion, classNames)] : [];
  }
  return Object.entries(byOutput)
    .filter((entry) => entry[1].confusion.length > 0)
    .map(
      ([name, output]) => `Output     ${name}\n\n${confusionTable(output.confusion, classNames)}`,
    );
}

/** One line about a test result, accuracy first where there is one; says so when the images are synthetic. */
export function testLine(
  test: Pick<TestResult, "loss" | "accuracy"> & Partial<Pick<TestResult, "figures">>,
  dataset: string,
  data: Pick<Dataset, "synthetic">,
): string {
  const { loss, accuracy, figures = {} } = test;
  const judged = !Number.isNaN(accuracy);
  const others = Object.entries(figures).filter(
    ([name]) => name !== "loss" && !(judged && name === "acc"),
  );
  const texts = [
    ...(judged ? [`accuracy ${percentText(accuracy)}`] : []),
    `loss ${numberText(loss)}`,
    ...others.map(([name, value]) => `${figureLabel(name)} ${figureText(name, value)}`),
  ];
  return `Test       ${texts.join(", ")} on ${visibleText(dataset)}${syntheticNote(data)}`;
}

function syntheticNote(data: Pick<Dataset, "synthetic">): string {
  return data.synthetic ? " (synthetic, drawn by code)" : "";
}
