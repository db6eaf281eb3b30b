/** The figures of a training run by their names, as a page shows them. */
import { figureLabel, figureText } from "./figures.js";
import type { TrainingReportEpoch, TrainingReportResult } from "./training-record.js";

/** What a result tells, loss last where there is an accuracy. */
export function testedFigures(result: TrainingReportResult): Record<string, string> {
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

export function figuresOf(epoch: TrainingReportEpoch): Readonly<Record<string, number>> {
  const { loss, accuracy: acc, validationLoss: val_loss, validationAccuracy: val_acc } = epoch;
  return Object.fromEntries(known(epoch.figures ?? { loss, acc, val_loss, val_acc }));
}

export function testFiguresOf(epoch: TrainingReportEpoch): Readonly<Record<string, number>> {
  const { testLoss: loss, testAccuracy: acc } = epoch;
  return Object.fromEntries(known(epoch.testFigures ?? { loss, acc }));
}

/** Names of what training, validation or tests measured; the loss first. */
export function measuredNames(epochs: readonly TrainingReportEpoch[]): readonly string[] {
  const trained = epochs.flatMap((epoch) => Object.keys(figuresOf(epoch)));
  const tested = epochs.flatMap((epoch) => Object.keys(testFiguresOf(epoch)));
  return [...new Set(["loss", ...trained.map((name) => name.replace(/^val_/, "")), ...tested])];
}

/** "Loss" and "Accuracy"; other figures by their own names. */
export function titleOf(name: string): string {
  const label = figureLabel(name);
  return name === "loss" || name === "acc"
    ? label.replace(/^./, (letter) => letter.toUpperCase())
    : label;
}
