/** The effect of each choice of a search: marginal means, over all trials that made it. */
import { typedErrors } from "@hone/core";

/** One trial of a search. */
export interface ScoredTrial {
  /** Each setting: a number, or a list such as the units of two layers. */
  readonly configuration: Readonly<Record<string, number | readonly number[]>>;
  /** What it is judged by, such as validation accuracy; undefined for a trial that failed. */
  readonly score: number | undefined;
}

export interface ChoiceEffect {
  /** The value as text, or the ends of a bin of values. */
  readonly label: string;
  /** Trials that made the choice and have a score. */
  readonly trials: number;
  readonly failed: number;
  /** Of those trials' scores; null when all failed. */
  readonly mean: number | null;
  readonly least: number | null;
  readonly most: number | null;
}

export interface ParameterEffect {
  readonly parameter: string;
  /** By value, rising; units in order of appearance. */
  readonly choices: readonly ChoiceEffect[];
  /** Largest mean less smallest; 0 with fewer than two means. */
  readonly spread: number;
}

const mostBins = 4;

/**
 * For each parameter that took more than one value, the mean score of the trials at each value: in a whole grid every
 * other setting is then balanced, in a random search only about so. Order of parameters: of the first trial.
 * @param options `ranges`: parameters of numbers to put into up to four bins of about equally many trials
 */
export function tuningEffects(
  trials: readonly ScoredTrial[],
  options: { readonly ranges?: readonly string[] } = {},
): readonly ParameterEffect[] {
  return typedErrors("tuningEffects", () => {
    const { ranges = [] } = options;
    const names = [...new Set(trials.flatMap(({ configuration }) => Object.keys(configuration)))];
    return names.flatMap((parameter) => {
      const choices = groups(trials, parameter, ranges.includes(parameter)).map(
        ([label, members]) => effect(label, members),
      );
      if (choices.length < 2) return [];
      const means = choices.flatMap(({ mean }) => (mean === null ? [] : [mean]));
      const spread = means.length < 2 ? 0 : Math.max(...means) - Math.min(...means);
      return [{ parameter, choices, spread }];
    });
  });
}

type Group = readonly [label: string, members: readonly ScoredTrial[]];

function groups(
  trials: readonly ScoredTrial[],
  parameter: string,
  isRange: boolean,
): readonly Group[] {
  const having = trials.filter(({ configuration }) => configuration[parameter] !== undefined);
  const byText = new Map<string, ScoredTrial[]>();
  for (const trial of having) {
    const text = textOf(trial.configuration[parameter]!);
    byText.set(text, [...(byText.get(text) ?? []), trial]);
  }
  const value = (trial: ScoredTrial) => trial.configuration[parameter] as number;
  if (having.some(({ configuration }) => typeof configuration[parameter] !== "number")) {
    return [...byText];
  }
  const rising = [...byText].sort(([, [a]], [, [b]]) => value(a!) - value(b!));
  return isRange ? binned(rising) : rising;
}

/** Joins neighbours, so that equal values stay together. */
function binned(rising: readonly Group[]): readonly Group[] {
  const total = rising.reduce((sum, [, members]) => sum + members.length, 0);
  const bins = Math.max(2, Math.min(mostBins, Math.floor(total / 2)));
  const joined: { first: string; last: string; members: ScoredTrial[] }[] = [];
  let seen = 0;
  let bin = -1;
  for (const [text, members] of rising) {
    const due = Math.floor((seen * bins) / total);
    if (due > bin) joined.push({ first: text, last: text, members: [] });
    bin = Math.max(bin, due);
    const open = joined.at(-1)!;
    open.last = text;
    open.members.push(...members);
    seen += members.length;
  }
  return joined.map(
    ({ first, last, members }): Group => [
      first === last ? rounded(first) : `${rounded(first)} to ${rounded(last)}`,
      members,
    ],
  );
}

function rounded(number: string): string {
  return `${Number(Number(number).toPrecision(3))}`;
}

function effect(label: string, members: readonly ScoredTrial[]): ChoiceEffect {
  const scores = members.flatMap(({ score }) => (score === undefined ? [] : [score]));
  const failed = members.length - scores.length;
  if (scores.length === 0) return { label, trials: 0, failed, mean: null, least: null, most: null };
  return {
    label,
    trials: scores.length,
    failed,
    mean: scores.reduce((sum, score) => sum + score, 0) / scores.length,
    least: Math.min(...scores),
    most: Math.max(...scores),
  };
}

function textOf(value: number | readonly number[]): string {
  return typeof value === "number" ? `${value}` : value.join("-");
}
