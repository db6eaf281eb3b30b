/** What each tuning choice does alone, and all of them together, measured from the plain model. */
import { typedErrors } from "@hone/core";
import type { StudyModel, StudyRecord } from "./records.js";
import { type Difference, differenceByYardstick, differenceOf } from "./statistics.js";
import type { ModelSummary } from "./summaries.js";

export interface TuningEffect {
  readonly dataset: string;
  /** The plain model. */
  readonly base: string;
  readonly model: string;
  /** In short: "64 filters"; "all of them" for the tuned model. */
  readonly choice: string;
  /** Whole: "64 filters instead of 32". */
  readonly change: string;
  /** Runs behind the figure. */
  readonly seeds: number;
  /** Mean of `lateAccuracy`. */
  readonly accuracy: number;
  /** From the plain model's mean; its margin is from the plain model's spread over its seeds. */
  readonly difference: Difference;
  /** Training time over the plain model's. */
  readonly timeRatio: number;
}

/** The choices of one family on one data set, and the yardstick. */
export interface TuningTable {
  readonly dataset: string;
  readonly base: string;
  readonly baseAccuracy: number;
  /** Of a single plain run; null with one seed. */
  readonly baseDeviation: number | null;
  readonly baseSeeds: number;
  readonly effects: readonly TuningEffect[];
}

/** One for each data set and plain model that has runs and something to be compared with. */
export function tuningEffects(
  given: Pick<StudyRecord, "settings">,
  summaries: readonly ModelSummary[],
): readonly TuningTable[] {
  return typedErrors("tuningEffects", () => {
    const { settings } = given;
    return settings.datasets.flatMap(({ name: dataset }) =>
      plainModels(settings.models).flatMap((plain) => {
        const find = (model: string) =>
          summaries.find((summary) => summary.dataset === dataset && summary.model === model);
        const base = find(plain.name);
        if (base === undefined || base.seeds.length === 0) return [];
        const effects = changesOf(plain, settings.models).flatMap(({ model, choice, change }) => {
          const own = find(model);
          return own && own.seeds.length > 0 ? [{ ...effectOf(base, own), choice, change }] : [];
        });
        if (effects.length === 0) return [];
        const { mean, deviation, count } = base.lateAccuracy;
        return [
          {
            dataset,
            base: plain.name,
            baseAccuracy: mean,
            baseDeviation: deviation,
            baseSeeds: count,
            effects,
          },
        ];
      }),
    );
  });
}

/** The name of a plain model's tuned form. */
export function tunedName(plain: string): string {
  return `${plain}-tuned`;
}

function plainModels(models: readonly StudyModel[]): readonly StudyModel[] {
  return models.filter(({ name }) => models.some((other) => other.name === tunedName(name)));
}

function changesOf(plain: StudyModel, models: readonly StudyModel[]) {
  const single = models.flatMap(({ name, variant }) =>
    variant?.of === plain.name
      ? [{ model: name, choice: variant.choice, change: variant.change }]
      : [],
  );
  return [
    ...single,
    { model: tunedName(plain.name), choice: "all of them", change: "all of them" },
  ];
}

function effectOf(base: ModelSummary, own: ModelSummary): Omit<TuningEffect, "choice" | "change"> {
  return {
    dataset: base.dataset,
    base: base.model,
    model: own.model,
    seeds: own.seeds.length,
    accuracy: own.lateAccuracy.mean,
    // Several runs have a spread of their own, and the conclusions judge by it.
    difference: (own.lateAccuracy.count > 1 ? differenceOf : differenceByYardstick)(
      own.lateAccuracy,
      base.lateAccuracy,
    ),
    timeRatio: own.trainingSeconds.mean / base.trainingSeconds.mean,
  };
}
