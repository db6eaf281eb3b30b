/** The charts of a study, each by the name that its file has. */

import type { Chart, ChartSurroundings } from "../../html/kit.js";
import { barChart, confusionChart, dotPlot, lineChart, type Series } from "../../html/kit.js";
import { lateText } from "../conclusions.js";
import { signedPoints } from "../figure-text.js";
import type { StudyRecord } from "../records.js";
import type { Spread } from "../statistics.js";
import type { ModelCurve, StudyFigures } from "../study-figures.js";
import type { CurvePoint } from "../summaries.js";
import type { TuningTable } from "../tuning-effects.js";

/** All that is drawn of one study. */
export interface StudyMaterial {
  readonly record: StudyRecord;
  readonly figures: StudyFigures;
}

export interface DatasetCharts {
  readonly dataset: string;
  readonly accuracy: Chart;
  readonly trainingTime: Chart;
  readonly testAccuracy: Chart;
  readonly testLoss: Chart;
  readonly models: readonly ModelCharts[];
  readonly tuning: readonly { readonly table: TuningTable; readonly chart: Chart }[];
}

export interface ModelCharts {
  readonly model: string;
  readonly accuracy: Chart;
  readonly loss: Chart;
  /** Absent when no run of the model ended. */
  readonly confusion?: Chart;
}

type Where = ChartSurroundings;
type Figure = Exclude<keyof CurvePoint, "epoch">;

export function studyCharts(material: StudyMaterial, where: Where): readonly DatasetCharts[] {
  const { record, figures } = material;
  return record.settings.datasets.map(({ name: dataset }) => {
    const curves = figures.curves.filter((curve) => curve.dataset === dataset);
    return {
      dataset,
      accuracy: accuracyChart(material, dataset, where),
      trainingTime: timeChart(figures, dataset, where),
      testAccuracy: comparison("testAccuracy", dataset, curves, where),
      testLoss: comparison("testLoss", dataset, curves, where),
      models: curves.map((curve) => modelCharts(material, curve, where)),
      tuning: figures.tuning
        .filter((table) => table.dataset === dataset)
        .map((table) => ({ table, chart: tuningChart(table, where) })),
    };
  });
}

function accuracyChart({ record, figures }: StudyMaterial, dataset: string, where: Where): Chart {
  const rows = ofDataset(figures.summaries, dataset).map(({ model, lateAccuracy }) => ({
    name: model,
    value: lateAccuracy.mean,
    ...around(lateAccuracy, lateAccuracy.error),
    group: model.startsWith("cnn") ? "CNN" : "MLP",
  }));
  return dotPlot(
    {
      title: `Test accuracy on ${dataset}, ${lateText(record.settings.epochs)}`,
      value: { label: "test accuracy", percent: true },
      rows,
    },
    where,
  );
}

/** Two of these on either side; nothing where a single run tells none. */
function around({ mean }: Spread, one: number | null): { low?: number; high?: number } {
  return one === null ? {} : { low: mean - 2 * one, high: mean + 2 * one };
}

function timeChart(figures: StudyFigures, dataset: string, where: Where): Chart {
  const summaries = ofDataset(figures.summaries, dataset);
  const spreads = summaries.map(({ trainingSeconds }) => trainingSeconds);
  return barChart(
    {
      title: `Training time on ${dataset}`,
      categories: summaries.map(({ model }) => model),
      series: [
        {
          name: "training time",
          values: spreads.map(({ mean }) => mean),
          low: spreads.map(({ least }) => least),
          high: spreads.map(({ most }) => most),
        },
      ],
      value: { label: "training time of one run (s)", text: (seconds) => seconds.toFixed(1) },
    },
    where,
  );
}

const axes = {
  testAccuracy: { label: "test accuracy", percent: true },
  testLoss: { label: "test loss" },
  trainingAccuracy: { label: "accuracy", percent: true },
  trainingLoss: { label: "loss" },
} as const;

function comparison(
  figure: "testAccuracy" | "testLoss",
  dataset: string,
  curves: readonly ModelCurve[],
  where: Where,
): Chart {
  const y = axes[figure];
  return lineChart(
    {
      title: `${capital(y.label)} on ${dataset}`,
      x: { label: "epoch" },
      y,
      series: curves.map(({ model, points }) => seriesOf(model, points, figure)),
    },
    where,
  );
}

function modelCharts(
  { record, figures }: StudyMaterial,
  { dataset, model, points }: ModelCurve,
  where: Where,
): ModelCharts {
  const both = (training: "trainingAccuracy" | "trainingLoss", test: Figure) =>
    lineChart(
      {
        title: `${model} on ${dataset}: ${axes[training].label}`,
        x: { label: "epoch" },
        y: axes[training],
        series: [seriesOf("training", points, training), seriesOf("test", points, test)],
        height: 220,
      },
      where,
    );
  const mistakes = ofDataset(figures.mistakes, dataset).find((one) => one.model === model);
  const classNames = record.tests.find(({ name }) => name === dataset)?.classNames ?? [];
  return {
    model,
    accuracy: both("trainingAccuracy", "testAccuracy"),
    loss: both("trainingLoss", "testLoss"),
    ...(mistakes && {
      confusion: confusionChart(
        {
          title: `${model} on ${dataset}: confusion matrix`,
          confusion: mistakes.confusion,
          classNames,
        },
        where,
      ),
    }),
  };
}

function seriesOf(name: string, points: readonly CurvePoint[], figure: Figure): Series {
  const several = points.some((point) => point[figure].count > 1);
  return {
    name,
    x: points.map(({ epoch }) => epoch),
    y: points.map((point) => point[figure].mean),
    ...(several && {
      low: points.map((point) => point[figure].least),
      high: points.map((point) => point[figure].most),
    }),
  };
}

function tuningChart({ dataset, base, baseDeviation, effects }: TuningTable, where: Where): Chart {
  const plain =
    baseDeviation === null ? {} : { low: -200 * baseDeviation, high: 200 * baseDeviation };
  return dotPlot(
    {
      title: `What each tuning choice does to ${base} on ${dataset}`,
      value: {
        label: `difference in test accuracy from ${base} (points)`,
        text: (points) => signedPoints(points / 100),
      },
      rows: [
        {
          name: `${base}, one run`,
          value: 0,
          ...plain,
          group: "± two deviations of one plain run",
        },
        ...effects.map(({ choice, difference: { value, margin } }) => ({
          name: choice,
          value: 100 * value,
          ...(margin !== null && { low: 100 * (value - margin), high: 100 * (value + margin) }),
          group: "± two standard errors of the difference",
        })),
      ],
    },
    where,
  );
}

function ofDataset<Row extends { readonly dataset: string }>(
  rows: readonly Row[],
  dataset: string,
): readonly Row[] {
  return rows.filter((row) => row.dataset === dataset);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
