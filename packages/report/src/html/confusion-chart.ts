/** What a classifier takes for what. */
import { typedErrors } from "@hone/core";
import { numberText, percentText } from "../numbers.js";
import { drawCells, type GridCell, gridMargin } from "./cell-grid.js";
import { type Chart, type ChartSurroundings, type ChartWords, phoneWidth } from "./chart.js";
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
/** As many are shown whole on a phone, in cells that have their count alone. */
const mostOnPhones = 10;

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
    const cellsWith = (written: (count: number, share: number) => readonly string[]) =>
      confusion.flatMap((counts, row) =>
        counts.map((count, column): GridCell => {
          const share = count / (totals[row] as number);
          const right = row === column;
          return {
            row,
            column,
            strength: count === 0 ? 0 : right ? share : Math.min(1, Math.sqrt(share) * 1.4),
            heat: right ? "heat-1" : "heat-2",
            lines: written(count, share),
            tip: `true ${names[row]}, predicted ${names[column]}: ${numberText(count)} (${percentText(share)})`,
          };
        }),
      );
    const small = names.length > mostWithCount;
    const words: ChartWords = {
      title,
      description: describe(confusion, totals, names),
      legend: [
        { name: "right", colour: colour("heat-1"), mark: "area" },
        { name: "taken for another class", colour: colour("heat-2"), mark: "area" },
      ],
    };
    const axes = {
      rows: names,
      columns: names,
      rowLabel: "true class",
      columnLabel: "predicted class",
    };
    const wide = drawCells(
      words,
      {
        ...axes,
        cells: cellsWith((count, share) => linesOf(count, share, names.length)),
        cellWidth: small ? 14 : 44,
        cellHeight: small ? 14 : names.length > mostWithPercent ? 26 : 36,
      },
      surroundings,
    );
    if (names.length === 0 || names.length > mostOnPhones) return wide;
    const narrow = drawCells(
      words,
      {
        ...axes,
        cells: cellsWith((count) => [count === 0 ? "·" : `${count}`]),
        ...narrowCells(names, Math.max(...confusion.flat())),
      },
      surroundings,
    );
    return { ...wide, narrow };
  });
}

/** Cells that fill a phone's width, with type that fits them. */
function narrowCells(names: readonly string[], most: number) {
  const labelLength = 8;
  const room = phoneWidth - gridMargin(names, labelLength) - 14;
  const cellWidth = Math.min(44, Math.floor(room / names.length));
  const fontSize = Math.min(11, (cellWidth - 2) / (`${most}`.length * 0.62));
  return { cellWidth, cellHeight: Math.max(24, cellWidth), fontSize, labelLength, slant: 90 };
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
