/** How often values fall into each of some ranges. */
import { typedErrors } from "@hone/core";
import { frame, rectY } from "@observablehq/plot";
import { numberText } from "../numbers.js";
import { type Axis, axisLabel, axisText, emptyMarks, extentOf, scaleOf } from "./axis.js";
import { type Chart, type ChartSurroundings, curveWidth, drawChart } from "./chart.js";
import { colour } from "./palette.js";

export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface HistogramSpec {
  readonly title: string;
  readonly x: Axis;
  /** The axis of the counts; a logarithmic one begins below the smallest count. */
  readonly y: Axis;
  readonly bins: readonly Bin[];
  readonly width?: number;
  readonly height?: number;
}

/** Bars side by side over their ranges. */
export function histogram(spec: HistogramSpec, surroundings: ChartSurroundings): Chart {
  return typedErrors("histogram", () => {
    const { title, x, y, bins, width = curveWidth, height = 230 } = spec;
    const shown = bins.filter(({ count }) => Number.isFinite(count) && count > 0);
    const [least, largest] = extentOf(shown.map(({ count }) => count)) ?? [1, 1];
    const base = y.scale === "log" ? least / 2 : 0;
    return drawChart(
      { title, description: describe(spec, largest) },
      {
        width,
        height,
        marginLeft: 64,
        marginRight: 20,
        marginTop: 28,
        marginBottom: 40,
        x: {
          ...scaleOf(
            x,
            bins.flatMap(({ from, to }) => [from, to]),
          ),
          nice: false,
          grid: false,
        },
        y: scaleOf({ from: base, ...y }, [base, largest]),
        marks:
          shown.length === 0
            ? emptyMarks()
            : [
                rectY(shown, {
                  x1: "from",
                  x2: "to",
                  y1: () => base,
                  y2: "count",
                  fill: colour("series-1"),
                  insetLeft: 0.25,
                  insetRight: 0.25,
                  title: (bin: Bin) =>
                    `${axisText(bin.from, x)} to ${axisText(bin.to, x)}: ${axisText(bin.count, y)}`,
                }),
                frame({ anchor: "bottom" }),
              ],
      },
      surroundings,
    );
  });
}

/** Counts of equal ranges from `from` to `to` as bins. */
export function evenBins(counts: readonly number[], from: number, to: number): readonly Bin[] {
  return typedErrors("evenBins", () => {
    const size = (to - from) / counts.length;
    return counts.map((count, index) => ({
      from: from + index * size,
      to: from + (index + 1) * size,
      count,
    }));
  });
}

function describe({ x, y, bins }: HistogramSpec, largest: number): string {
  const top = bins.find(({ count }) => count === largest);
  const most = top
    ? `most (${axisText(largest, y)}) from ${axisText(top.from, x)} to ${axisText(top.to, x)}`
    : "no values";
  return `${axisLabel(y)} by ${axisLabel(x)} in ${numberText(bins.length)} ranges; ${most}`;
}
