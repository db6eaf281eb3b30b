/** What a classifier takes for what. */
import { typedErrors } from "@hone/core";
import { numberText, percentText } from "../numbers.js";
import { drawCells, type GridCell } from "./cell-grid.js";
import type { Chart, ChartSurroundings } from "./chart.js";
import { colour } from "./palette.js";

export interface ConfusionSpec {
  readonly title: string;
  /** `[truth][prediction]` counts, square. */
  readonly confusion: readonly (readonly number[])[];
  /** One a class; their numbers unless given. */
  readonly classNames?: readonly string[];
}

/** With more classes than these, cells lose their percentage, and then their count. */
const mostWithPercent = 16;
const mostWithCount = 40;

/**
 * A confusion matrix: counts, and under them percent of the row (of all images that are truly of that
 * class). Mistakes have a colour of their own, growing with the square root of their share, since the
 * interesting ones are small.
 */
export function confusionChart(spec: ConfusionSpec, surroundings: ChartSurroundings): Chart {
  return typedErrors("confusionChart", () => {
    const { title, confusion } = spec;
    const names = confusion.map((_, index) => spec.classNames?.[index] ?? `${index}`);
    const totals = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
    const cells = confusion.flatMap((counts, row) =>
      counts.map((count, column): GridCell => {
        const share = count / (totals[row] as number);
        const right = row === column;
        return {
          row,
          column,
          strength: count === 0 ? 0 : right ? share : Math.min(1, Math.sqrt(share) * 1.4),
          heat: right ? "heat-1" : "heat-2",
          lines: linesOf(count, share, names.length),
          tip: `true ${names[row]}, predicted ${names[column]}: ${numberText(count)} (${percentText(share)})`,
        };
      }),
    );
    const small = names.length > mostWithCount;
    return drawCells(
      {
        title,
        description: describe(confusion, totals, names),
        legend: [
          { name: "right", colour: colour("heat-1"), mark: "area" },
          { name: "taken for another class", colour: colour("heat-2"), mark: "area" },
        ],
      },
      {
        rows: names,
        columns: names,
        rowLabel: "true class",
        columnLabel: "predicted class",
        cells,
        cellWidth: small ? 14 : 44,
        cellHeight: small ? 14 : names.length > mostWithPercent ? 26 : 36,
      },
      surroundings,
    );
  });
}

function linesOf(count: number, share: number, classes: number): readonly string[] {
  if (classes > mostWithCount) return [];
  if (count === 0) return ["·"];
  if (classes > mostWithPercent) return [numberText(count)];
  return [numberText(count), share === 1 ? "100 %" : `${(100 * share).toFixed(1)} %`];
}

function describe(
  confusion: readonly (readonly number[])[],
  totals: readonly number[],
  names: readonly string[],
): string {
  const parts = names.slice(0, 20).map((name, index) => {
    const right = confusion[index]?.[index] ?? 0;
    return `${name} ${numberText(right)} of ${numberText(totals[index] as number)} right`;
  });
  return `true classes in rows, predicted ones in columns; ${parts.join("; ") || "no classes"}`;
}
