/** How a study writes its figures. */
import { percentText } from "../numbers.js";
import type { Spread } from "./statistics.js";

/** A difference of two accuracies, without a sign: "0.31 points". */
export function pointsText(difference: number): string {
  return `${(100 * difference).toFixed(2)} points`;
}

/** With its sign: "+0.31", "−0.04". */
export function signedPoints(difference: number): string {
  const text = (100 * Math.abs(difference)).toFixed(2);
  return `${difference < 0 && Number(text) !== 0 ? "−" : "+"}${text}`;
}

/** "6.1 times". */
export function timesText(ratio: number): string {
  return `${ratio.toFixed(1)} times`;
}

/** "99.02 % ± 0.05": a mean and one run's deviation; the mean alone for one run. */
export function deviationText({ mean, deviation }: Spread): string {
  return deviation === null ? percentText(mean) : `${percentText(mean)} ± ${pointsOf(deviation)}`;
}

/** "99.02 % ± 0.03": a mean and its standard error; the mean alone for one run. */
export function errorText({ mean, error }: Spread): string {
  return error === null ? percentText(mean) : `${percentText(mean)} ± ${pointsOf(error)}`;
}

export function pointsOf(difference: number): string {
  return (100 * difference).toFixed(2);
}
