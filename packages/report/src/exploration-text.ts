/** An exploration on a terminal. */
import type { Exploration } from "./exploration.js";
import { numberText, percentText } from "./numbers.js";
import { resultTable } from "./tables.js";

/** What was found, in a few lines and a table of classes. */
export function explorationText(exploration: Exploration): string {
  const { name, synthetic, source, shape, parts, values, classNames } = exploration;
  const rows = parts.map((part) => `${numberText(part.rows)} ${part.name}`).join(" and ");
  const lines = [
    `Data       ${name}${synthetic ? " (synthetic, drawn by code)" : ""}: ${rows} rows of ${shape.join("×") || "one value"}`,
    ...(source === undefined ? [] : [`From       ${source}`]),
    ...Object.entries(valueLines(values)).map(([head, text]) => `${head.padEnd(10)} ${text}`),
  ];
  if (classNames.length > 0) {
    const table = classNames.map((label, index) => ({
      class: label,
      ...Object.fromEntries(parts.map((part) => [part.name, part.classCounts[index]])),
    }));
    lines.push("", resultTable(table));
  }
  return lines.join("\n");
}

/** The figures of an exploration's values, named and written for people. */
export function valueLines(values: Exploration["values"]): Readonly<Record<string, string>> {
  const { mean, standardDeviation, least, largest, zeroShare, scale, offset } = values;
  const scaled = scale === 1 && offset === 0;
  const seen = (value: string) => (scaled ? "" : ` (${value} as the model sees it)`);
  return {
    Values: `from ${numberText(least)} to ${numberText(largest)}`,
    Mean: `${numberText(mean)}${seen(numberText(mean * scale + offset))}`,
    Deviation: `${numberText(standardDeviation)}${seen(numberText(standardDeviation * Math.abs(scale)))}`,
    Zero: `${percentText(zeroShare)} of all values`,
  };
}
