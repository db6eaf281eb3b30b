import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { contrast } from "../test/contrast.js";
import type { Shades } from "../theme.js";
import { phoneWidth } from "./chart.js";
import {
  barChart,
  type Chart,
  confusionChart,
  dotPlot,
  evenBins,
  heatmap,
  histogram,
  lineChart,
  standaloneSvg,
  thinSeries,
} from "./kit.js";
import { palette, seriesCount } from "./palette.js";

const drawing = () => ({
  document: parseHTML("<!doctype html><html><body></body></html>").document,
});
const read = (chart: Chart) => parseHTML(`<html><body>${chart.svg.markup}</body></html>`).document;
const texts = (chart: Chart) =>
  [...read(chart).querySelectorAll("text")].map((element) => element.textContent);
const tips = (chart: Chart) =>
  [...read(chart).querySelectorAll("title")].map((element) => element.textContent);

const epochs = { label: "epoch" };
const accuracy = { label: "accuracy", percent: true };
const hostile = `<script>alert("1 & '2'")</script>`;

test("a line chart has a point for each value, ticks at whole epochs, and says its series in words", () => {
  const chart = lineChart(
    {
      title: "Accuracy",
      x: epochs,
      y: accuracy,
      series: [
        { name: "training", y: [0.5, 0.75, 0.9] },
        { name: "validation", y: [0.4, 0.6, 0.7], low: [0.3, 0.5, 0.6], high: [0.5, 0.7, 0.8] },
      ],
    },
    drawing(),
  );
  const document = read(chart);
  expect(document.querySelectorAll("circle")).toHaveLength(6);
  expect(document.querySelectorAll('[data-mark="line"] path')).toHaveLength(2);
  expect(document.querySelectorAll('[data-mark="area"] path')).toHaveLength(1);
  const ticks = document.querySelectorAll('[data-mark="x-axis tick label"] text');
  expect([...ticks].map((tick) => tick.textContent)).toEqual(["1", "2", "3"]);
  expect(texts(chart)).toContain("↑ accuracy (%)");
  expect(tips(chart)).toContain("validation: 70.00 % at epoch 3");
  expect(chart.legend.map(({ name }) => name)).toEqual(["training", "validation"]);
  expect(document.querySelector("svg")?.getAttribute("role")).toBe("img");
  expect(document.querySelector("svg")?.getAttribute("aria-label")).toBe(
    "Accuracy: accuracy (%) by epoch; training from 50.00 % to 90.00 %; validation from 40.00 % to 70.00 %",
  );
});

test("higher values stand higher, and fractions stand where their percentage is", () => {
  const chart = lineChart(
    {
      title: "t",
      x: epochs,
      y: { ...accuracy, from: 0, to: 1 },
      series: [{ name: "a", y: [0, 0.5, 1] }],
    },
    drawing(),
  );
  const [low, middle, high] = [...read(chart).querySelectorAll("circle")].map((dot) =>
    Number(dot.getAttribute("cy")),
  ) as [number, number, number];
  expect(low).toBeGreaterThan(middle);
  expect(middle - high).toBeCloseTo(low - middle, 1);
  expect(middle - high).toBeGreaterThan(50);
});

test("what is not finite leaves a gap, on a logarithmic axis zero too", () => {
  const y = [1, Number.NaN, 3, Number.POSITIVE_INFINITY, 0, 5];
  const dots = (scale: "linear" | "log") => {
    const chart = lineChart(
      { title: "t", x: epochs, y: { label: "loss", scale }, series: [{ name: "a", y }] },
      drawing(),
    );
    expect(chart.svg.markup).not.toMatch(/NaN|Infinity/);
    return read(chart).querySelectorAll("circle").length;
  };
  expect(dots("linear")).toBe(4);
  expect(dots("log")).toBe(3);
});

test("charts without a single value say so", () => {
  const value = { label: "v" };
  const series = [{ name: "a", y: [], values: [Number.NaN] }];
  const charts = [
    lineChart({ title: "t", x: epochs, y: value, series }, drawing()),
    lineChart({ title: "t", x: epochs, y: { ...value, scale: "log" }, series: [] }, drawing()),
    barChart({ title: "t", categories: ["x"], series, value }, drawing()),
    barChart({ title: "t", categories: [], series: [], value }, drawing()),
    histogram({ title: "t", x: value, y: value, bins: [] }, drawing()),
    dotPlot({ title: "t", value, rows: [] }, drawing()),
    dotPlot({ title: "t", value, rows: [{ name: "a", value: Number.NaN }] }, drawing()),
    confusionChart({ title: "t", confusion: [] }, drawing()),
  ];
  for (const chart of charts) {
    expect(texts(chart)).toContain("no values");
    expect(chart.svg.markup).not.toMatch(/NaN|Infinity|undefined/);
  }
});

test("logarithmic axes have few ticks at 1, 2 and 5 times powers of ten, as people write them", () => {
  const labels = (x: readonly number[]) => {
    const axis = { label: "rate", scale: "log" as const };
    const series = [{ name: "a", x, y: x }];
    const chart = lineChart({ title: "t", x: axis, y: { label: "v" }, series }, drawing());
    const ticks = read(chart).querySelectorAll('[data-mark="x-axis tick label"] text');
    return [...ticks].map((tick) => tick.textContent);
  };
  expect(labels([1e-5, 1])).toEqual(["1e-5", "0.0001", "0.001", "0.01", "0.1", "1"]);
  expect(labels([1.5, 30])).toEqual(["1", "2", "5", "10", "20", "50"]);
  expect(labels([8000, 75_000])).toEqual(["5,000", "10,000", "50,000", "100,000"]);
  expect(labels([1, 1e20]).length).toBeLessThanOrEqual(8);
});

test("a confusion chart has a cell for each pair, with its count and percent of the row", () => {
  const confusion = [
    [8, 2],
    [0, 1500],
  ];
  const chart = confusionChart({ title: "c", confusion, classNames: ["cat", hostile] }, drawing());
  const cells = read(chart).querySelectorAll('[data-mark="cell"] rect');
  expect(cells).toHaveLength(8);
  const written = texts(chart);
  for (const text of ["8", "80.0 %", "2", "20.0 %", "·", "1,500", "100 %", "cat"]) {
    expect(written).toContain(text);
  }
  expect(tips(chart)).toContain(`true cat, predicted ${hostile}: 2 (20.00 %)`);
  expect(chart.svg.markup).not.toContain("<script");
  expect(read(chart).querySelector("script")).toBeNull();
});

test("up to ten classes are drawn once more as wide as a phone, and more are not", () => {
  const square = (size: number) =>
    Array.from({ length: size }, (_, row) =>
      Array.from({ length: size }, (_value, column) => (row === column ? 1135 : 12)),
    );
  const classNames = Array.from({ length: 10 }, (_, index) => `garment of kind ${index}`);
  const { narrow, width } = confusionChart(
    { title: "c", confusion: square(10), classNames },
    drawing(),
  );
  expect(width).toBeGreaterThan(phoneWidth);
  expect(narrow?.width).toBeLessThanOrEqual(phoneWidth);
  expect(narrow?.width).toBeGreaterThan(0.8 * phoneWidth);
  expect(texts(narrow as Chart)).toContain("1135");
  expect(texts(narrow as Chart)).toContain("garment…");
  expect(tips(narrow as Chart)).toEqual(
    tips(confusionChart({ title: "c", confusion: square(10), classNames }, drawing())),
  );
  expect(confusionChart({ title: "c", confusion: square(11) }, drawing()).narrow).toBeUndefined();
});

test("a class that never occurs has no percentages, and many classes have colours alone", () => {
  const empty = confusionChart(
    {
      title: "c",
      confusion: [
        [0, 0],
        [1, 1],
      ],
    },
    drawing(),
  );
  expect(empty.svg.markup).not.toContain("NaN");
  const many = Array.from({ length: 60 }, (_, row) =>
    Array.from({ length: 60 }, (_value, column) => (row === column ? 90 : 1)),
  );
  const chart = confusionChart({ title: "c", confusion: many }, drawing());
  expect(texts(chart)).not.toContain("90");
  expect(tips(chart)).toHaveLength(3600);
});

test("bars are as long as their values, and tell them", () => {
  const chart = barChart(
    {
      title: "Images",
      categories: ["cat", "a class whose name is longer than any margin would hold"],
      series: [
        { name: "training", values: [100, 200] },
        { name: "test", values: [50, Number.NaN] },
      ],
      value: { label: "images" },
    },
    drawing(),
  );
  const widths = [...read(chart).querySelectorAll('[data-mark="bar"] rect')].map((bar) =>
    Number(bar.getAttribute("width")),
  );
  expect(widths).toHaveLength(3);
  const [cat, test_, other] = widths as [number, number, number];
  expect(cat / test_).toBeCloseTo(2, 1);
  expect(other / cat).toBeCloseTo(2, 1);
  expect(texts(chart)).toEqual(
    expect.arrayContaining(["100", "200", "50", "a class whose name is longe…"]),
  );
});

test("every tick of a logarithmic axis keeps its label, in percent and from an odd start too", () => {
  const y = { label: "share", scale: "log" as const, percent: true };
  const bins = evenBins([0.8, 0.07, 0.0031], 0, 3);
  const chart = histogram({ title: "h", x: { label: "value" }, y, bins }, drawing());
  const ticks = read(chart).querySelectorAll('[data-mark="y-axis tick label"] text');
  expect([...ticks].map((tick) => tick.textContent)).toEqual([
    ...["0.2", "0.5", "1", "2", "5", "10", "20", "50"],
  ]);
});

test("a histogram has a bar for each range that occurs, a heat map a cell for each value", () => {
  const bars = histogram(
    {
      title: "h",
      x: { label: "value" },
      y: { label: "pixels", scale: "log" },
      bins: evenBins([5, 0, 1e6], 0, 3),
    },
    drawing(),
  );
  expect(read(bars).querySelectorAll('[data-mark="rect"] rect')).toHaveLength(2);
  expect(tips(bars)).toContain("2 to 3: 1,000,000");
  const heat = heatmap(
    {
      title: "h",
      rows: ["a", "b"],
      columns: ["c", "d"],
      rowLabel: "row",
      columnLabel: "column",
      values: [
        [1, 2],
        [Number.NaN, 4],
      ],
      value: { label: "v" },
    },
    drawing(),
  );
  expect(tips(heat)).toEqual(["row a, column c: 1", "row a, column d: 2", "row b, column d: 4"]);
  const strengths = [...read(heat).querySelectorAll("[fill-opacity]")].map((cell) =>
    cell.getAttribute("fill-opacity"),
  );
  expect(strengths).toEqual(["0", "0.33", "1"]);
});

test("a dot plot keeps a line for what failed, and draws spreads", () => {
  const chart = dotPlot(
    {
      title: "d",
      value: accuracy,
      rows: [
        { name: "cnn", value: 0.99, low: 0.98, high: 0.995, group: "a" },
        { name: "mlp", value: 0.97, group: "b" },
        { name: "lost", value: Number.NaN, group: "b" },
      ],
    },
    drawing(),
  );
  expect(read(chart).querySelectorAll("circle")).toHaveLength(2);
  expect(texts(chart)).toEqual(expect.arrayContaining(["99.00 %", "97.00 %", "–", "lost"]));
  expect(chart.description).toContain("cnn 99.00 % (98.00 % to 99.50 %)");
});

test("a long series becomes means with their range, and keeps its mean", () => {
  const values = Array.from({ length: 1000 }, (_, index) => index);
  const thin = thinSeries("loss", values, 100);
  expect(thin.name).toBe("loss, mean and range of 10 at a time");
  expect(thin.y).toHaveLength(100);
  expect([thin.x?.[0], thin.y[0], thin.low?.[0], thin.high?.[0]]).toEqual([5.5, 4.5, 0, 9]);
  expect(thinSeries("loss", [1, 2], 100).y).toEqual([1, 2]);
  expect(thinSeries("loss", [Number.NaN, Number.NaN, 1, 3], 2).y).toEqual([Number.NaN, 2]);
});

test("equal records give equal text, however many charts were drawn before", () => {
  const draw = () =>
    confusionChart(
      {
        title: "c",
        confusion: [
          [3, 1],
          [2, 4],
        ],
      },
      drawing(),
    ).svg.markup;
  expect(draw()).toBe(draw());
});

test("a chart of its own stands alone: its namespace, its background, no variables, its legend", () => {
  const series = [{ name: "train <all>", y: [1, 2] }];
  const chart = lineChart(
    { title: "Loss & more", x: epochs, y: { label: "loss" }, series },
    drawing(),
  );
  for (const theme of ["light", "dark"] as const) {
    const svg = standaloneSvg(chart, theme);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).not.toMatch(/var\(|currentColor|class="(?!chart")/);
    expect(svg).toContain(`fill="${palette.surface?.[theme]}"`);
    expect(svg).toContain(`stroke="${palette["series-1"]?.[theme]}"`);
    expect(svg).toContain(">train &lt;all&gt;</text>");
    expect(svg).toContain(">Loss &amp; more</text>");
  }
});

test("in light and dark, text has 4.5:1 on every ground and heat, and series have 3:1", () => {
  for (const theme of ["light", "dark"] as const) {
    const shade = (name: string) => (palette[name] as Shades)[theme];
    for (const ground of ["page", "surface", "heat-1", "heat-2"]) {
      expect(contrast(shade("ink"), shade(ground)), `ink on ${ground}, ${theme}`).toBeGreaterThan(
        4.5,
      );
    }
    expect(contrast(shade("muted"), shade("surface"))).toBeGreaterThan(4.5);
    for (let series = 1; series <= seriesCount; series++) {
      const ratio = contrast(shade(`series-${series}`), shade("surface"));
      expect(ratio, `series ${series}, ${theme}`).toBeGreaterThan(3);
    }
  }
});
