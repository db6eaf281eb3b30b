/** Rounds in which Hone and its rival take turns, so that a drift of the machine strikes both. */
import { onQuietMachine } from "./quiet-machine.mjs";
import { compareRounds, formatFigure, formatRatio, summarize } from "./statistics.mjs";

/**
 * Runs every contender once a round, each in a fresh process; every second round runs them in the
 * opposite order.
 * @param contenders `{ name, run }`, where `run` gives a figure: larger is faster
 * @returns a Map from name to its figures, in order of the rounds
 */
export async function takeTurns(contenders, rounds, say) {
  const figures = new Map(contenders.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    const order = round % 2 === 1 ? contenders : contenders.toReversed();
    for (const { name, run } of order) {
      figures.get(name).push(await onQuietMachine(() => run(round), say));
    }
    const shown = [...figures].map(([name, values]) => `${name} ${Math.round(values.at(-1))}`);
    say(`round ${round} of ${rounds}: ${shown.join(", ")}`);
  }
  return figures;
}

/** The better of two tries on a quiet machine, for choosing a rival's settings. */
export async function tryTwice(run, say) {
  const first = await onQuietMachine(run, say);
  return Math.max(first, await onQuietMachine(run, say));
}

/**
 * Prints each figure and each of Hone's ratios over the rival, and gives both as plain data.
 * @param unit what the figures are in
 */
export function report(figures, { hone, rival, unit }) {
  const summaries = {};
  for (const [name, values] of figures) {
    summaries[name] = summarize(values);
    console.log(formatFigure(name, summaries[name], unit));
  }
  const ratios = {};
  for (const name of hone) {
    const ratio = compareRounds(figures.get(name), figures.get(rival));
    ratios[`${name} / ${rival}`] = ratio;
    console.log(formatRatio(`${name} / ${rival}`, ratio));
  }
  return { unit, figures: summaries, ratios };
}

/**
 * The thread counts that Hone takes, of those asked for; says which it refuses, in its own words.
 * @param trial runs Hone for an instant with so many threads
 * @throws when none is left
 */
export async function usableThreads(threads, trial, say) {
  const usable = [];
  for (const count of threads) {
    try {
      await trial(count);
      usable.push(count);
    } catch (error) {
      say(`hone with ${count} threads is left out: ${error.message}`);
    }
  }
  if (usable.length === 0) {
    throw new Error("[benchmark] compare: Hone runs with none of these --threads; see above.");
  }
  return usable;
}
