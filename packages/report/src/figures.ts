/** Losses and metrics under tfjs's names, as people read them. */
import { typedErrors, visibleText } from "@hone/core";
import { numberText, percentText } from "./numbers.js";

/** `val_acc` is "validation accuracy"; metrics keep the names they were given, in one line. */
export function figureLabel(name: string): string {
  return typedErrors("figureLabel", () => {
    const measured = visibleText(name.replace(/^val_/, ""));
    const label = measured === "acc" ? "accuracy" : measured;
    return name.startsWith("val_") ? `validation ${label}` : label;
  });
}

/** Whether a figure is a share of rows, and told in percent: an accuracy, of one output or of several. */
export function isShare(name: string): boolean {
  return typedErrors("isShare", () => /(^|_)acc(_\d+)?$|accuracy/i.test(name));
}

/** A figure's value: accuracies in percent; "–" for what has no value (0 of 0). */
export function figureText(name: string, value: number): string {
  return typedErrors("figureText", () => {
    if (Number.isNaN(value)) return "–";
    return isShare(name) ? percentText(value) : numberText(value);
  });
}
