/** How a study writes its figures. */
import { percentText } from "../numbers.js";
import type { StudyModel } from "./records.js";
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

/** A model by its parts: "32 filters, 3×3 kernels, no dropout, learning rate 0.001". */
export function modelText({ network, learningRate }: StudyModel): string {
  const parts =
    network.family === "cnn"
      ? [`${network.filters} filters`, `${network.kernelSize}×${network.kernelSize} kernels`]
      : [`${network.units.join(" and ")} units`];
  const dropout = network.dropout === 0 ? "no dropout" : `dropout ${network.dropout}`;
  return [...parts, dropout, `learning rate ${learningRate}`].join(", ");
}

/** A sentence whose figures stay with their units where lines break. */
export function unbroken(text: string): string {
  return text.replace(/(\d) (%|s\b|points)/g, "$1\u00a0$2").replace(/ ± /g, "\u00a0±\u00a0");
}
