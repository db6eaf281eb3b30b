/** Conclusions, accuracies, curves, tuning choices, and how all of it was made. */
import {
  dataTable,
  definitionList,
  details,
  figure,
  figureRow,
  foldedSection,
  html,
  type Markup,
  note,
  paragraph,
  type ResultFigure,
  type Section,
  section,
} from "../../html/kit.js";
import { numberText, percentText } from "../../numbers.js";
import { type Conclusion, lateText } from "../conclusions.js";
import {
  deviationText,
  errorText,
  modelText,
  pointsOf,
  signedPoints,
  unbroken,
} from "../figure-text.js";
import { publishedAccuracy } from "../published.js";
import type { StudyModel, StudyRecord, StudyTime } from "../records.js";
import type { StudyFigures } from "../study-figures.js";
import type { TuningTable } from "../tuning-effects.js";
import type { DatasetCharts, StudyMaterial } from "./study-charts.js";

export function conclusionsSection(record: StudyRecord, { conclusions }: StudyFigures): Section {
  const limits = conclusions.filter(isLimit);
  const datasets = record.settings.datasets.map(({ name }) => {
    const own = conclusions.filter((one) => one.dataset === name && !isLimit(one));
    const items = own.map((one) => html`<li>${verdict(one)}${unbroken(one.text)}</li>\n`);
    return own.length === 0 ? undefined : html`<h3>${name}</h3><ul>${items}</ul>`;
  });
  return section("Conclusions", ...limits.map(({ text }) => note(text)), ...datasets);
}

function isLimit({ topic }: Conclusion): boolean {
  return topic === "comparability" || topic === "diverged";
}

function verdict({ met }: Conclusion): Markup | undefined {
  if (met === undefined) return undefined;
  return html`<strong>${met ? "Met" : "Missed"}:</strong> `;
}

/** The result in a sentence: published figures met, and the best model of each data set. */
export function leadText({ summaries, conclusions }: StudyFigures): string {
  const verdicts = conclusions.filter(
    ({ topic, met }) => topic === "published" && met !== undefined,
  );
  const met = verdicts.filter((one) => one.met).length;
  const datasets = [...new Set(summaries.map(({ dataset }) => dataset))];
  const best = datasets.flatMap((dataset) => {
    const [first] = summaries
      .filter((one) => one.dataset === dataset && one.seeds.length > 0)
      .sort((a, b) => b.lateAccuracy.mean - a.lateAccuracy.mean);
    return first
      ? [`${first.model} on ${dataset} with ${percentText(first.lateAccuracy.mean)}`]
      : [];
  });
  return [
    ...(verdicts.length > 0 ? [`${met} of ${verdicts.length} published figures are met.`] : []),
    ...(best.length > 0 ? [`Best: ${best.join(", ")}.`] : []),
  ].join(" ");
}

/** The best model of each data set, how long it trains, and on what. */
export function resultsOf({ record, figures }: StudyMaterial): ResultFigure[] {
  const best = record.settings.datasets.flatMap(({ name }): ResultFigure[] => {
    const [first] = figures.summaries
      .filter(({ dataset, seeds }) => dataset === name && seeds.length > 0)
      .sort((a, b) => b.lateAccuracy.mean - a.lateAccuracy.mean);
    if (first === undefined) return [];
    const seconds = first.trainingSeconds.mean.toFixed(1);
    return [
      {
        label: `test accuracy on ${name}`,
        value: percentText(first.lateAccuracy.mean),
        detail: `${first.model}, trained in ${seconds} s`,
      },
    ];
  });
  const { backend, description } = record.device;
  return [...best, { label: "device", value: backend, detail: description }];
}

export function resultsSection(
  { record, figures }: StudyMaterial,
  charts: readonly DatasetCharts[],
): Section {
  const { epochs } = record.settings;
  const late = lateText(epochs);
  return section(
    "Accuracy and time",
    paragraph(
      `Means over the seeds. After ±: of epoch ${epochs} the deviation of a single run, of ${late} the standard error of the mean, which with few seeds is itself uncertain.`,
    ),
    dataTable({
      columns: [
        "data",
        "model",
        { head: "seeds", align: "right" },
        { head: `epoch ${epochs}`, align: "right" },
        { head: late, align: "right" },
        { head: "published", align: "right" },
        { head: "training (s)", text: (value) => value.toFixed(1) },
        { head: "images/s", text: (value) => numberText(Math.round(value)) },
      ],
      rows: figures.summaries.map((summary) => {
        const published = publishedAccuracy[summary.dataset]?.[summary.model];
        const diverged = summary.divergedSeeds.length;
        return [
          summary.dataset,
          summary.model,
          `${summary.seeds.length}${diverged > 0 ? ` (${diverged} diverged)` : ""}`,
          deviationText(summary.accuracy),
          errorText(summary.lateAccuracy),
          published === undefined ? "–" : `${Math.round(100 * published)} %`,
          summary.trainingSeconds.mean,
          summary.imagesPerSecond.mean,
        ];
      }),
    }),
    figureRow(
      ...charts.flatMap(({ accuracy, trainingTime }) => [
        figure(accuracy, { caption: "Mean over the seeds; bars: ± two standard errors." }),
        figure(trainingTime, { caption: "Steps alone; lines: fastest and slowest seed." }),
      ]),
    ),
  );
}

export function curvesSection({ dataset, testAccuracy, testLoss, models }: DatasetCharts): Section {
  return section(
    `Training on ${dataset}`,
    paragraph(
      "Lines are means over the seeds, bands reach from the lowest to the highest. The test set is only looked at, never learned from. Training figures are those the steps saw, with dropout where a model has it, so a test curve may lie above.",
    ),
    figureRow(figure(testAccuracy), figure(testLoss)),
    ...models.map(({ accuracy, loss }) => figureRow(figure(accuracy), figure(loss))),
  );
}

export function tuningSection(
  { settings }: StudyRecord,
  charts: readonly DatasetCharts[],
): Section | undefined {
  if (charts.every(({ tuning }) => tuning.length === 0)) return undefined;
  return section(
    "Tuning choices",
    paragraph(
      "Each choice of the tuned model alone, then all of them, as a difference from the plain model's mean test accuracy over the last three epochs. For a choice with one seed, what the plain model's own seeds differ by is the yardstick: a difference within its bar may be chance, and with one plain seed chance is not known.",
    ),
    ...charts.flatMap(({ tuning }) => [
      figureRow(...tuning.map(({ chart }) => figure(chart))),
      ...tuning.map(({ table }) => tuningTable(table, settings.models)),
    ]),
  );
}

function tuningTable(
  { dataset, base, baseSeeds, baseAccuracy, effects }: TuningTable,
  models: readonly StudyModel[],
): Markup {
  const seeds = baseSeeds === 1 ? "one seed" : `${baseSeeds} seeds`;
  const plain = models.find(({ name }) => name === base);
  // Not the table's caption, which would be as wide as the table, and cut off on a phone.
  const title = html`<p><strong>${base} on ${dataset}</strong>: ${unbroken(percentText(baseAccuracy))} with ${seeds}${plain && ` (${modelText(plain)})`}.</p>`;
  const table = dataTable({
    columns: [
      "choice",
      { head: "points", align: "right" },
      { head: "± chance", align: "right" },
      "verdict",
      { head: "accuracy", align: "right" },
      { head: "seeds", align: "right" },
      { head: "time", align: "right" },
    ],
    rows: effects.map(({ choice, seeds, accuracy, difference, timeRatio }) => [
      choice.replaceAll(" ", "\u00a0").replaceAll("-", "\u2011"),
      signedPoints(difference.value),
      difference.margin === null ? "–" : pointsOf(difference.margin),
      verdictOf(difference).replaceAll(" ", "\u00a0"),
      percentText(accuracy),
      `${seeds}`,
      `×${timeRatio.toFixed(1)}`,
    ]),
  });
  return html`${title}${table}`;
}

function verdictOf({ value, clear }: TuningTable["effects"][number]["difference"]): string {
  if (clear === null) return "not known";
  if (!clear) return "within chance";
  return value < 0 ? "worse" : "better";
}

export function aboutSection(record: StudyRecord, time: StudyTime): Section {
  const { settings, device, why, version, runs } = record;
  const { overhead, trainingSeconds, testingSeconds, wallSeconds } = time;
  const trained = runs.reduce((sum, run) => sum + run.time.trainingSeconds, 0);
  const seconds = (value: number) => `${value.toFixed(1)} s`;
  return foldedSection(
    "How it was made",
    definitionList({
      Hone: version,
      Backend: device.backend,
      Device: device.description,
      Why: why,
      Arithmetic: device.numerics,
      Seeds: settings.seeds === 1 ? "1" : `1–${settings.seeds}`,
      "Variants' seeds": settings.variantSeeds,
      Epochs: settings.epochs,
      "Batch size": settings.batchSize,
      Optimizer: "Adam, 1e-3; 1e-4 for tuned models",
      "Training images": settings.datasets
        .map(({ name, trainRows }) => `${name}: ${numberText(trainRows)}`)
        .join(", "),
      "Test images": settings.datasets
        .map(({ name, testRows }) => `${name}: ${numberText(testRows)}`)
        .join(", "),
      "All runs": `${runs.length}, ${seconds(trained)} of training steps`,
      "This call": `${time.runs} runs, ${seconds(trainingSeconds)} of training steps and ${seconds(testingSeconds)} of testing in ${seconds(wallSeconds)}${overhead === null ? "" : `: overhead ×${overhead.toFixed(3)}`}, until this page was made`,
    }),
    details(
      "All runs",
      dataTable({
        columns: [
          "data",
          "model",
          { head: "seed", align: "right" },
          { head: "test accuracy", align: "right" },
          { head: "test loss" },
          { head: "training (s)", text: (value) => value.toFixed(1) },
        ],
        rows: runs.map(({ settings, outcome, epochs, time }) => [
          settings.data.name,
          settings.model,
          `${settings.seed}`,
          outcome.kind === "diverged"
            ? `diverged in epoch ${epochs.length + 1}`
            : percentText(epochs.at(-1)?.testAccuracy ?? Number.NaN),
          epochs.at(-1)?.testLoss,
          time.trainingSeconds,
        ]),
      }),
    ),
  );
}
