/** The rounds of a row as one figure each. */
import { typedErrors } from "@hone/core";
import type { RoundFigures } from "./row.js";
import { median, type Spread, spreadOf } from "./statistics.js";

/** Each figure over the rounds that have it. */
export interface RowSummary {
  readonly imagesPerSecond: Spread;
  readonly stepP50Ms?: Spread;
  readonly stepP95Ms?: Spread;
  readonly firstStepMs?: Spread;
  /** Of each round's median epoch after its first, which warms up. */
  readonly epochSeconds?: Spread;
  readonly timesToAccuracy: readonly {
    readonly accuracy: number;
    /** Rounds that reached it and held it. */
    readonly reached: number;
    readonly rounds: number;
    /** Over the rounds that reached it; undefined unless most did. */
    readonly seconds?: Spread;
  }[];
  readonly finalAccuracy?: Spread;
  readonly deviceBytes?: Spread;
  readonly processBytes?: Spread;
  /** The most of any round. */
  readonly othersShare?: number;
}

/** @param rounds of a measured row: at least one */
export function summarizeRounds(rounds: readonly RoundFigures[]): RowSummary {
  return typedErrors("summarizeRounds", () => {
    const over = (figure: (round: RoundFigures) => number | undefined) =>
      spreadOf(rounds.flatMap((round) => figure(round) ?? []));
    const optional = {
      stepP50Ms: over(({ step }) => step?.p50Ms),
      stepP95Ms: over(({ step }) => step?.p95Ms),
      firstStepMs: over(({ firstStep }) => firstStep?.totalMs),
      epochSeconds: over(({ epochSeconds }) => epochSeconds && medianEpoch(epochSeconds)),
      finalAccuracy: over(({ finalAccuracy }) => finalAccuracy),
      deviceBytes: over(({ deviceBytes }) => deviceBytes),
      processBytes: over(({ processBytes }) => processBytes),
      othersShare: over(({ othersShare }) => othersShare)?.most,
    };
    return {
      imagesPerSecond: over(({ imagesPerSecond }) => imagesPerSecond) as Spread,
      timesToAccuracy: timesOver(rounds),
      ...defined(optional),
    };
  });
}

/** Seconds of the median epoch; the first warms up, and counts only where it is alone. */
export function medianEpoch(epochSeconds: readonly number[]): number | undefined {
  return typedErrors("medianEpoch", () => {
    if (epochSeconds.length === 0) return undefined;
    return median(epochSeconds.length > 1 ? epochSeconds.slice(1) : epochSeconds);
  });
}

function timesOver(rounds: readonly RoundFigures[]): RowSummary["timesToAccuracy"] {
  const asked = rounds.flatMap(({ timesToAccuracy }) => timesToAccuracy ?? []);
  const accuracies = [...new Set(asked.map(({ accuracy }) => accuracy))].sort((a, b) => a - b);
  return accuracies.map((accuracy) => {
    const times = asked.filter((time) => time.accuracy === accuracy);
    const reached = times.flatMap(({ seconds }) => seconds ?? []);
    // Rounds that never got there would make any middle of the others too good.
    const seconds = 2 * reached.length > times.length ? spreadOf(reached) : undefined;
    const counts = { accuracy, reached: reached.length, rounds: times.length };
    return seconds === undefined ? counts : { ...counts, seconds };
  });
}

/** Leaves out what is undefined. */
function defined<T extends object>(values: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known) as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
