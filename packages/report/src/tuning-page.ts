/** A search for better settings as one page: the winner, all trials, and what each choice did. */
import { typedErrors } from "@hone/core";
import {
  type Axis,
  type ChartSurroundings,
  confusionChart,
  dataTable,
  definitionList,
  dotPlot,
  figure,
  figureRow,
  foldedSection,
  htmlPage,
  type Markup,
  note,
  paragraph,
  type ResultFigure,
  type Section,
  section,
} from "./html/kit.js";
import { numberText, percentText } from "./numbers.js";
import type { ParameterEffect } from "./tuning-effects.js";

/** What a page about a search is made of: plain data. */
export interface TuningReportRecord {
  readonly model: string;
  readonly dataset: string;
  /** True where the images were drawn by code, which the page must say. */
  readonly synthetic: boolean;
  readonly settings: Readonly<Record<string, string | number>>;
  /** By rank. */
  readonly trials: readonly TuningReportTrial[];
  readonly effects: readonly ParameterEffect[];
  /** Epochs after which effects are judged. */
  readonly effectsEpochs: number;
  /** Missing when every trial failed. */
  readonly winner?: TuningReportWinner;
  readonly classNames?: readonly string[];
  /** The last line. */
  readonly madeBy?: string;
}

export interface TuningReportTrial {
  readonly trial: number;
  /** What it was last trained for. */
  readonly epochs: number;
  /** Settings as text, by name; the same names in every trial. */
  readonly configuration: Readonly<Record<string, string>>;
  /** One a seed; none for a trial that failed. */
  readonly validationAccuracies: readonly number[];
  readonly validationLoss: number | null;
  /** Why it failed. */
  readonly reason: string | null;
}

export interface TuningReportWinner {
  readonly trial: number;
  readonly validationAccuracy: number;
  /** On the test images: means over the seeds. */
  readonly accuracy: number;
  readonly loss: number;
  readonly images: number;
  readonly seeds: number;
  /** `[truth][prediction]` counts of the first seed. */
  readonly confusion: readonly (readonly number[])[];
}

/** More lines than these make no plot that can be read. */
const mostDots = 40;

/** The whole file's text. Equal records give equal bytes. */
export function tuningReportHtml(
  record: TuningReportRecord,
  surroundings: ChartSurroundings,
): string {
  return typedErrors("tuningReportHtml", () => {
    const { model, dataset, madeBy } = record;
    return htmlPage({
      kind: "search for settings",
      results: resultsOf(record),
      title: `Search for settings of ${model} on ${dataset}`,
      lead: leadText(record),
      sections: tuningSections(record, surroundings),
      ...(madeBy !== undefined && { foot: madeBy }),
    });
  });
}

/** The page's parts, for a page that holds more than one search. */
export function tuningSections(
  record: TuningReportRecord,
  surroundings: ChartSurroundings,
): readonly Section[] {
  return typedErrors("tuningSections", () => [
    leaderboardSection(record, surroundings),
    ...(record.effects.length > 0 ? [effectsSection(record, surroundings)] : []),
    ...(record.winner ? [winnerSection(record, record.winner, surroundings)] : []),
    foldedSection("Settings", definitionList(record.settings)),
  ]);
}

function leadText({ trials, winner }: TuningReportRecord): string {
  if (winner === undefined) return "Every trial failed.";
  const best = trials.find(({ trial }) => trial === winner.trial);
  const settings = best === undefined ? "" : `: ${configurationText(best)}`;
  return (
    `Of ${trials.length} trials, trial ${winner.trial} is the best${settings}. It has ${percentText(winner.validationAccuracy)} ` +
    `accuracy on the validation images that chose it, and ${percentText(winner.accuracy)} on the test images, which only it was shown.`
  );
}

/** The winner's accuracies, and by how much it is ahead. */
function resultsOf({ winner, trials }: TuningReportRecord): ResultFigure[] {
  if (winner === undefined) return [];
  const scores = trials
    .filter(({ reason, epochs }) => reason === null && epochs === trials[0]?.epochs)
    .map(({ validationAccuracies }) => mean(validationAccuracies));
  const middle = [...scores].sort((a, b) => a - b)[Math.floor(scores.length / 2)];
  return [
    {
      label: "test accuracy of the winner",
      value: percentText(winner.accuracy),
      detail: `of ${numberText(winner.images)} test images`,
    },
    {
      label: "validation accuracy",
      value: percentText(winner.validationAccuracy),
      ...(middle !== undefined && { detail: `the middle trial: ${percentText(middle)}` }),
    },
    {
      label: "trials",
      value: numberText(trials.length),
      detail: `the winner is trial ${winner.trial}`,
    },
  ];
}

function configurationText({ configuration }: TuningReportTrial): string {
  return Object.entries(configuration)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

function leaderboardSection(record: TuningReportRecord, surroundings: ChartSurroundings): Section {
  const { trials, synthetic } = record;
  const shown = trials.slice(0, mostDots);
  const budgets = new Set(trials.map(({ epochs }) => epochs));
  const hasSpread = trials.some(({ validationAccuracies }) => validationAccuracies.length > 1);
  const names = Object.keys(trials[0]?.configuration ?? {}).join(", ");
  const chart = dotPlot(
    {
      title: "Validation accuracy of each trial",
      value: accuracyAxis(shown.flatMap(({ validationAccuracies }) => validationAccuracies)),
      rows: shown.map(({ trial, epochs, configuration, validationAccuracies: values }) => ({
        name: `${trial}: ${Object.values(configuration).join(", ")}`,
        value: mean(values),
        ...(values.length > 1 && { low: Math.min(...values), high: Math.max(...values) }),
        ...(budgets.size > 1 && { group: `after ${epochText(epochs)}` }),
      })),
    },
    surroundings,
  );
  const caption = [
    `Best first${trials.length > shown.length ? `, the first ${shown.length} of ${trials.length}` : ""}; trial number: ${names}.`,
    ...(hasSpread ? ["Dots are means over the seeds, bars reach from lowest to highest."] : []),
    ...(budgets.size > 1
      ? ["Trials trained for more epochs stand before those dropped sooner."]
      : []),
  ].join(" ");
  return section(
    "Leaderboard",
    synthetic ? note("The images are synthetic, drawn by code.") : undefined,
    figureRow(figure(chart, { caption }), trialTable(record)),
    ...trials.flatMap(({ trial, reason }) =>
      reason === null ? [] : [note(`Trial ${trial} failed: ${reason}.`)],
    ),
  );
}

function effectsSection(record: TuningReportRecord, surroundings: ChartSurroundings): Section {
  const { effects, effectsEpochs } = record;
  const ends = effects.flatMap(({ choices }) =>
    choices.flatMap(({ least, most }) => [least ?? Number.NaN, most ?? Number.NaN]),
  );
  // One axis for all, so that the settings can be compared with each other.
  const value = accuracyAxis(ends);
  const figures = effects.map(({ parameter, choices, spread }) => {
    const rows = choices.map(({ label, mean: middle, least, most }) => ({
      name: label,
      value: middle ?? Number.NaN,
      ...(least !== null && { low: least }),
      ...(most !== null && { high: most }),
    }));
    const chart = dotPlot({ title: `Effect of ${parameter}`, value, rows }, surroundings);
    const failed = choices.reduce((sum, choice) => sum + choice.failed, 0);
    const left =
      failed === 0 ? "" : ` ${failed} failed and ${failed === 1 ? "is" : "are"} left out.`;
    const points = (100 * spread).toFixed(2);
    return figure(chart, { caption: `The means are ${points} points apart.${left}` });
  });
  return section(
    "Effect of each choice",
    paragraph(
      `Validation accuracy after ${epochText(effectsEpochs)}: the dot is the mean over all trials that made the choice, ` +
        "whatever their other settings; the bar reaches from the worst to the best of them.",
    ),
    figureRow(...figures),
  );
}

function winnerSection(
  record: TuningReportRecord,
  winner: TuningReportWinner,
  surroundings: ChartSurroundings,
): Section {
  const { confusion, accuracy, loss, images, seeds, trial, validationAccuracy } = winner;
  const { classNames } = record;
  const width = confusion.length;
  const names = classNames ?? Array.from({ length: width }, (_, index) => `${index}`);
  return section(
    "The winner on the test images",
    figureRow(
      figure(
        confusionChart({ title: "Confusion matrix", confusion, classNames: names }, surroundings),
        {
          ...(seeds > 1 && { caption: "Of the first seed." }),
        },
      ),
      dataTable({
        columns: ["figure", { head: "value", align: "right" }],
        rows: [
          ["trial", `${trial}`],
          ["validation accuracy", percentText(validationAccuracy)],
          ["test accuracy", percentText(accuracy)],
          ["test loss", numberText(loss)],
          ["test images", numberText(images)],
          ...(seeds > 1 ? [["seeds", `${seeds}`]] : []),
        ],
      }),
    ),
  );
}

function trialTable({ trials }: TuningReportRecord): Markup {
  const names = Object.keys(trials[0]?.configuration ?? {});
  const right = (head: string) => ({ head, align: "right" as const });
  return dataTable({
    caption: "All trials, by their accuracy and loss in validation",
    columns: [...["rank", "trial", "epochs", "accuracy", "loss"].map(right), ...names.map(right)],
    rows: trials.map((row, index) => [
      index + 1,
      row.trial,
      row.epochs,
      row.reason === null ? percentText(mean(row.validationAccuracies)) : "failed",
      row.validationLoss ?? undefined,
      ...names.map((name) => row.configuration[name]),
    ]),
    strong: trials.every(({ reason }) => reason !== null) ? [] : [0],
  });
}

function accuracyAxis(values: readonly number[]): Axis {
  const finite = values.filter(Number.isFinite);
  const axis = { label: "validation accuracy", percent: true };
  if (finite.length === 0) return axis;
  const [least, most] = [Math.min(...finite), Math.max(...finite)];
  // Whole steps of a tenth, a hundredth, …: ends that a person would choose.
  const step = 10 ** Math.floor(Math.log10(Math.max(most - least, 1e-4)));
  const [from, to] = [Math.floor(least / step), Math.ceil(most / step)];
  return { ...axis, from: from * step, to: Math.min(1, Math.max(to, from + 1) * step) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function epochText(epochs: number): string {
  return epochs === 1 ? "1 epoch" : `${epochs} epochs`;
}
