/** A training run as one page. */
import { typedErrors } from "@hone/core";
import { figureLabel, figureText, isShare } from "./figures.js";
import {
  type ChartSurroundings,
  dataTable,
  definitionList,
  details,
  figure,
  figureRow,
  foldedSection,
  htmlPage,
  lineChart,
  note,
  paragraph,
  type ResultFigure,
  type Section,
  section,
  thinSeries,
} from "./html/kit.js";
import { madeOnSection } from "./made-on.js";
import { numberText, percentText } from "./numbers.js";
import { classSections, mistakesSection } from "./training-classes.js";
import {
  figuresOf,
  measuredNames,
  testedFigures,
  testFiguresOf,
  titleOf,
} from "./training-figures.js";
import type { TrainingReportEpoch, TrainingReportRecord } from "./training-record.js";

/** The page, whole after testing; before, with what is known. */
export function trainingReportHtml(
  record: TrainingReportRecord,
  surroundings: ChartSurroundings,
): string {
  return typedErrors("trainingReportHtml", () => {
    const { model, dataset, result, madeBy } = record;
    return htmlPage({
      kind: "training run",
      title: `${model} on ${dataset}`,
      lead: leadOf(record),
      results: resultsOf(record),
      sections: [
        curvesSection(record, surroundings),
        ...(result ? classSections(record, result, surroundings) : []),
        ...(result?.mistakes ? [mistakesSection(record, result.mistakes)] : []),
        deviceSection(record),
        settingsSection(record),
        ...modelSection(record),
        ...madeOnSection(record),
      ],
      ...(madeBy !== undefined && { foot: madeBy }),
    });
  });
}

function leadOf({ result, epochs, rows, synthetic }: TrainingReportRecord): string {
  const after = `after ${epochs.length === 1 ? "one epoch" : `${epochs.length} epochs`}`;
  if (result === undefined) return `Not tested yet: the state ${after}.`;
  const tests = `${numberText(rows.test)} ${synthetic ? "synthetic " : ""}test rows`;
  return Number.isFinite(result.accuracy)
    ? `${percentText(result.accuracy)} of ${tests} right ${after}.`
    : `A loss of ${numberText(result.loss)} on ${tests} ${after}.`;
}

/** Accuracy, time and device, or what is known of them before testing. */
function resultsOf({ result, epochs, device, rows }: TrainingReportRecord): ResultFigure[] {
  const last = epochs.at(-1);
  const seconds = epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const [backend = device, ...rest] = device.split(": ");
  const judged = result !== undefined && Number.isFinite(result.accuracy);
  const outcome: ResultFigure | undefined =
    result === undefined
      ? last && { label: "training loss", value: figureText("loss", last.loss) }
      : judged
        ? { label: "test accuracy", value: percentText(result.accuracy) }
        : { label: "test loss", value: numberText(result.loss) };
  return [
    ...(outcome
      ? [{ ...outcome, detail: result ? `of ${numberText(rows.test)} test rows` : "so far" }]
      : []),
    {
      label: "training time",
      value: `${seconds.toFixed(1)} s`,
      detail: epochs.length === 1 ? "one epoch" : `${epochs.length} epochs`,
    },
    ...(result
      ? [
          {
            label: "speed",
            value: numberText(Math.round(result.imagesPerSecond)),
            detail: "images per second",
          },
        ]
      : []),
    {
      label: "device",
      value: backend,
      ...(rest.length > 0 && { detail: rest.join(": ") }),
    },
  ];
}

/** Each backend that was looked at, and what became of it. */
function deviceSection({ device, why, candidates = [] }: TrainingReportRecord): Section {
  if (candidates.length === 0) {
    return section("Why this device", paragraph(`${device}: ${why}.`));
  }
  const timed = candidates.some(({ figures }) => figures !== undefined);
  return section(
    "Why this device",
    dataTable({
      columns: [
        "backend",
        "outcome",
        ...(timed
          ? [
              { head: "a step (ms)", align: "right" as const },
              { head: "the whole run (s)", align: "right" as const },
            ]
          : []),
        "why",
      ],
      rows: candidates.map(({ name, outcome, reason, figures }) => [
        name,
        outcome,
        ...(timed
          ? [
              figures?.stepMs === undefined ? "–" : `${Number(figures.stepMs.toPrecision(3))}`,
              figures === undefined
                ? "–"
                : `${figures.stepMs === undefined ? "over " : ""}${Number((figures.totalMs / 1000).toPrecision(3))}`,
            ]
          : []),
        reason,
      ]),
      strong: [candidates.findIndex(({ outcome }) => outcome === "chosen")],
    }),
  );
}

function settingsSection(record: TrainingReportRecord): Section {
  const { parameters, dataset, rows, result, stepLosses, settings } = record;
  return foldedSection(
    "Settings",
    definitionList({
      model: record.model,
      parameters: parameters === undefined ? undefined : numberText(parameters),
      "data set": dataset,
      "training rows": numberText(rows.training),
      "validation rows": rows.validation === 0 ? undefined : numberText(rows.validation),
      "test rows": numberText(rows.test),
      ...settings,
      steps: numberText(stepLosses.length),
      ...(result && testedFigures(result)),
      device: record.device,
    }),
  );
}

function modelSection({ layers, parameters }: TrainingReportRecord): Section[] {
  if (layers === undefined) return [];
  const count = parameters === undefined ? "" : `, ${numberText(parameters)} parameters`;
  return [
    foldedSection(
      "Model",
      dataTable({
        caption: `${layers.length} layers${count}`,
        columns: ["layer", "kind", "output", "parameters"],
        rows: layers.map(({ name, kind, shape, parameters: own }) => [name, kind, shape, own]),
      }),
    ),
  ];
}

function curvesSection(
  { epochs, stepLosses, synthetic }: TrainingReportRecord,
  surroundings: ChartSurroundings,
): Section {
  const x = { label: "epoch" };
  const numbers = epochs.map(({ epoch }) => epoch);
  const measured = measuredNames(epochs);
  const seriesOf = (name: string) =>
    [
      { name: "training", y: epochs.map((epoch) => figuresOf(epoch)[name]) },
      { name: "validation", y: epochs.map((epoch) => figuresOf(epoch)[`val_${name}`]) },
      { name: "test", y: epochs.map((epoch) => testFiguresOf(epoch)[name]) },
    ]
      .map((series) => ({ ...series, x: numbers, y: series.y.map((value) => value ?? Number.NaN) }))
      .filter(({ y }) => y.some((value) => !Number.isNaN(value)));
  const chart = (name: string) => {
    const label = figureLabel(name);
    const y = { label, ...(isShare(name) && { percent: true }) };
    return lineChart({ title: titleOf(name), x, y, series: seriesOf(name) }, surroundings);
  };
  const steps = [thinSeries("loss", stepLosses)];
  return section(
    "Curves",
    synthetic
      ? note(
          "The images are synthetic: drawn by code. A result on them says nothing about handwriting.",
        )
      : undefined,
    figureRow(
      ...measured.map((name) =>
        figure(
          chart(name),
          name === "loss"
            ? {
                caption:
                  "Training figures are means over the epoch, taken while the model still learns, with its dropout if it has any.",
              }
            : {},
        ),
      ),
      figure(
        lineChart(
          {
            title: "Loss of each step",
            x: { label: "step" },
            y: { label: "loss", scale: "log" },
            series: steps,
          },
          surroundings,
        ),
      ),
    ),
    details("The epochs as a table", epochTable(epochs)),
  );
}

function epochTable(epochs: readonly TrainingReportEpoch[]) {
  const namesIn = (of: typeof figuresOf) => [
    ...new Set(epochs.flatMap((epoch) => Object.keys(of(epoch)))),
  ];
  const columnsOf = (of: typeof figuresOf, before: string) =>
    namesIn(of).map((name) => ({
      head: `${before}${figureLabel(name)}`,
      values: epochs.map((epoch): number | undefined => of(epoch)[name]),
      ...(isShare(name) && { text: percentText }),
    }));
  const columns = [
    ...columnsOf(figuresOf, ""),
    ...columnsOf(testFiguresOf, "test "),
    {
      head: "seconds",
      values: epochs.map(({ seconds }): number | undefined => seconds),
      text: (value: number) => value.toFixed(1),
    },
  ];
  return dataTable({
    columns: ["epoch", ...columns],
    rows: epochs.map(({ epoch }, index) => [epoch, ...columns.map(({ values }) => values[index])]),
  });
}
