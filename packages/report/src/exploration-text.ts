/** An exploration on a terminal. */
import { typedErrors, visibleText } from "@hone/core";
import type { Exploration, ExploredColumn, ValueStatistics } from "./exploration.js";
import { numberText, percentText } from "./numbers.js";
import { resultTable } from "./tables.js";

/** What was found, in a few lines and a table of classes for each label column. */
export function explorationText(exploration: Exploration): string {
  return typedErrors("explorationText", () => {
    const { name, synthetic, source, parts, inputs, labels } = exploration;
    const rows = parts.map((part) => `${numberText(part.rows)} ${part.name}`).join(" and ");
    const plain = isPlain(exploration);
    const [first] = inputs;
    const shape = plain && first ? ` of ${shapeText(first)}` : "";
    const lines = [
      `Data       ${visibleText(name)}${synthetic ? " (synthetic, drawn by code)" : ""}: ${rows} rows${shape}`,
      ...(source === undefined ? [] : [`From       ${visibleText(source)}`]),
      ...(plain ? [] : ["", resultTable(columnRows(exploration))]),
    ];
    for (const input of inputs) {
      if (!plain) lines.push("", `Input      ${visibleText(input.name)}`);
      for (const [head, text] of Object.entries(valueLines(input.values))) {
        lines.push(`${head.padEnd(10)} ${text}`);
      }
    }
    for (const { name: label, classNames, classCounts } of labels) {
      if (classNames.length === 0) continue;
      const table = classNames.map((of, index) => ({
        [plain ? "class" : label]: of,
        ...Object.fromEntries(parts.map((part, at) => [part.name, classCounts[at]?.[index]])),
      }));
      lines.push("", resultTable(table));
    }
    return lines.join("\n");
  });
}

/** True for one input and one label column, which need no names. */
export function isPlain({ inputs, labels, weights }: Exploration): boolean {
  return inputs.length === 1 && labels.length === 1 && weights.length === 0;
}

/** Every column: what it is for, how it is stored, and the shape of a row. */
export function columnRows({ inputs, labels, weights }: Exploration) {
  const rowsOf = (role: string, columns: readonly ExploredColumn[]) =>
    columns.map((column) => ({
      column: column.name,
      role,
      kind: column.kind,
      shape: shapeText(column),
    }));
  return [
    ...rowsOf("input", inputs),
    ...labels.flatMap((column) =>
      rowsOf(
        column.classNames.length > 0 ? `label of ${column.classNames.length} classes` : "label",
        [column],
      ),
    ),
    ...rowsOf("weight", weights),
  ];
}

/** The shape of a row. */
export function shapeText({ shape }: ExploredColumn, by = "×"): string {
  return shape.join(by) || "one value";
}

/** The figures of an exploration's values, named and written for people. */
export function valueLines(values: ValueStatistics): Readonly<Record<string, string>> {
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
