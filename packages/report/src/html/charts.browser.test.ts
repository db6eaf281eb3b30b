import { parseHTML } from "linkedom/worker";
import { expect, test } from "vitest";
import {
  barChart,
  confusionChart,
  dotPlot,
  evenBins,
  figure,
  heatmap,
  histogram,
  htmlPage,
  imageGrid,
  lineChart,
  section,
} from "./kit.js";

const confusion = [
  [90, 3, 7],
  [0, 100, 0],
  [20, 10, 70],
];
const classNames = ["T-shirt/top", "Ankle boot", "<b>"];

function drawAll(surroundings: Parameters<typeof lineChart>[1]) {
  const value = { label: "accuracy", percent: true };
  const rate = { label: "rate", scale: "log" as const };
  const loss = [2.3, 1.1, Number.NaN, 0.7, 0.31];
  const series = [{ name: "loss", y: loss, low: loss.map((y) => y / 1.1), high: loss }];
  const values = [0.91, 0.87, 0.333];
  return [
    lineChart({ title: "line", x: { label: "epoch" }, y: { label: "loss" }, series }, surroundings),
    lineChart({ title: "log", x: rate, y: rate, series, draw: "points" }, surroundings),
    confusionChart({ title: "confusion", confusion, classNames }, surroundings),
    barChart(
      { title: "bar", categories: classNames, series: [{ name: "a", values }], value },
      surroundings,
    ),
    histogram(
      {
        title: "histogram",
        x: { label: "x" },
        y: { label: "n", scale: "log" },
        bins: evenBins([9, 1, 400], 0, 1),
      },
      surroundings,
    ),
    heatmap(
      {
        title: "heat",
        rows: ["a"],
        columns: classNames,
        rowLabel: "r",
        columnLabel: "c",
        values: [values],
        value,
      },
      surroundings,
    ),
    dotPlot(
      {
        title: "dots",
        value,
        rows: classNames.map((name, index) => ({ name, value: values[index] as number })),
      },
      surroundings,
    ),
  ];
}

test("a page draws the same charts, byte for byte, as Node does with linkedom's document", () => {
  const nodes = parseHTML("<!doctype html><html><body></body></html>").document;
  const [here, there] = [drawAll({ document }), drawAll({ document: nodes })];
  expect(here).toHaveLength(7);
  for (const [index, chart] of here.entries()) expect(chart).toEqual(there[index]);
});

test("in a page of phone width nothing is wider than the page, and no text leaves its chart", async () => {
  const image = { width: 2, height: 2, pixels: [0, 85, 170, 255], alt: "a", labels: ["label"] };
  const charts = drawAll({ document });
  const page = htmlPage({
    title: "Report",
    sections: [
      section(
        "All",
        charts.map((chart) => figure(chart)),
        imageGrid([image]),
      ),
    ],
  });
  const frame = document.createElement("iframe");
  frame.style.cssText = "width: 360px; height: 800px; border: 0";
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
  frame.srcdoc = page;
  document.body.append(frame);
  await loaded;
  const inside = frame.contentDocument as Document;
  expect(inside.documentElement.scrollWidth).toBe(360);
  // Of a chart that is drawn for phones as well, one drawing shows.
  const drawn = [...inside.querySelectorAll("svg.chart")].filter((chart) =>
    chart.checkVisibility(),
  );
  expect(drawn).toHaveLength(charts.length);
  for (const chart of drawn) {
    const bounds = chart.getBoundingClientRect();
    expect(bounds.width).toBeGreaterThan(180);
    for (const text of chart.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      if (box.width === 0) continue;
      expect(box.left, `${text.textContent}`).toBeGreaterThan(bounds.left - 1);
      expect(box.right, `${text.textContent}`).toBeLessThan(bounds.right + 1);
      expect(box.top, `${text.textContent}`).toBeGreaterThan(bounds.top - 1);
      expect(box.bottom, `${text.textContent}`).toBeLessThan(bounds.bottom + 1);
    }
  }
  const picture = inside.querySelector("img") as HTMLImageElement;
  await picture.decode();
  expect([picture.naturalWidth, picture.naturalHeight]).toEqual([2, 2]);
  frame.remove();
});
