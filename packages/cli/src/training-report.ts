/** What a training run leaves behind, as data and as text. */
import type { Augment, Dataset, EpochEnd, Evaluation } from "@hone/core";
import type { ScheduleName } from "@hone/core/models";
import { confusionTable, curveText, historyTable, numberText, percentText } from "@hone/report";
import { wrap } from "./help.js";

/** One epoch, as in the file of `--json`. */
export interface EpochResult {
  readonly epoch: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly validationLoss: number | null;
  readonly validationAccuracy: number | null;
  /** With `--evaluate-each-epoch`. */
  readonly testLoss?: number;
  readonly testAccuracy?: number;
  /** Training alone. */
  readonly seconds: number;
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
  readonly schedule: ScheduleName;
  /** What was done to the training images. */
  readonly augment: Augment | null;
  readonly epochs: readonly EpochResult[];
  readonly test: {
    readonly loss: number;
    readonly accuracy: number;
    readonly confusion: readonly (readonly number[])[];
  };
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
    seconds: record.seconds,
  };
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
  const columns = {
    loss: epochs.map(({ loss }) => loss),
    acc: known(epochs.map(({ accuracy }) => accuracy)),
    val_loss: known(epochs.map(({ validationLoss }) => validationLoss)),
    val_acc: known(epochs.map(({ validationAccuracy }) => validationAccuracy)),
    seconds: epochs.map(({ seconds }) => seconds),
  };
  const lines = [
    `Model      ${header.model}`,
    `Data       ${header.dataset}, ${numberText(header.train.rows)} training images${syntheticNote(header.train)}`,
    `Device     ${header.device}`,
    `Why        ${wrap(header.why, 88).join("\n           ")}`,
    `Settings   ${header.settings}`,
    "",
    historyTable(columns),
    "",
    curveText("loss of each step", losses),
  ];
  if (result === undefined) return lines.join("\n").concat("\n");
  const { outcome, classNames } = result;
  lines.push(
    "",
    testLine(outcome.test, outcome.dataset, header.train),
    `Speed      ${numberText(Math.round(outcome.imagesPerSecond))} images per second over ${numberText(outcome.steps)} steps`,
  );
  if (outcome.test.confusion.length > 0) {
    lines.push("", confusionTable(outcome.test.confusion, classNames));
  }
  return lines.join("\n").concat("\n");
}

/** One line about a test result; says so when the images are synthetic. */
export function testLine(
  { loss, accuracy }: { readonly loss: number; readonly accuracy: number },
  dataset: string,
  data: Pick<Dataset, "synthetic">,
): string {
  const judged = Number.isNaN(accuracy) ? "" : `accuracy ${percentText(accuracy)}, `;
  return `Test       ${judged}loss ${numberText(loss)} on ${dataset}${syntheticNote(data)}`;
}

function syntheticNote(data: Pick<Dataset, "synthetic">): string {
  return data.synthetic ? " (synthetic, drawn by code)" : "";
}

function known(values: readonly (number | null)[]): readonly number[] | undefined {
  const numbers = values.filter((value) => value !== null && !Number.isNaN(value));
  return numbers.length === values.length ? (numbers as readonly number[]) : undefined;
}
