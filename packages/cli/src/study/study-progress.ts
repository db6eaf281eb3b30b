/** A study as a person watches it: one bar over all runs, a line for each that ends, the time that is left. */
import type { Progress } from "@hone/core";
import { numberText, percentText, type StudyRun, type StudyRunSettings } from "@hone/report";
import { bar, durationText } from "../progress.js";
import type { Terminal } from "../terminal.js";
import { multiplications } from "./study-models.js";
import { runName } from "./study-plan.js";

const liveMs = 100;
const plainMs = 30_000;

export interface StudyView {
  /** A run begins. */
  begin(settings: StudyRunSettings): void;
  step(record: Progress): void;
  /** What is done beside training. */
  stage(text: string): void;
  /** A run ended. */
  end(run: StudyRun): void;
}

/**
 * @param planned all runs, in their order
 * @param kept those of them that ended before
 */
export function watchStudy(
  terminal: Terminal,
  planned: readonly StudyRunSettings[],
  kept: readonly StudyRun[],
  now: () => number = () => performance.now(),
): StudyView {
  const forecast = new Forecast(planned, kept);
  const total = planned.length;
  let ended = kept.length;
  let current: StudyRunSettings | undefined;
  let saidMs = now();
  return {
    begin(settings) {
      current = settings;
      terminal.show(`${headOf(ended + 1, total, settings)}  compiling`);
    },
    step(record) {
      if (now() - saidMs < (terminal.live ? liveMs : plainMs)) return;
      saidMs = now();
      const head = headOf(ended + 1, total, current as StudyRunSettings);
      const { done, secondsLeft } = forecast.during(current as StudyRunSettings, record);
      const figures = [
        `epoch ${record.epoch}/${record.epochs}`,
        `${numberText(Math.round(record.imagesPerSecond))} img/s`,
        `${durationText(secondsLeft)} left`,
      ].join("  ");
      if (!terminal.live) return terminal.say(`${head}  ${figures}`);
      const room = terminal.columns - head.length - figures.length - 4;
      terminal.show(`${head}  ${bar(done, room)}  ${figures}`);
    },
    stage(text) {
      terminal.show(`study  ${text}`);
    },
    end(run) {
      forecast.ended(run);
      ended++;
      saidMs = now();
      terminal.say(resultLine(ended, total, run));
    },
  };
}

function headOf(number: number, total: number, { data, model, seed }: StudyRunSettings): string {
  return `${`${number}`.padStart(`${total}`.length)}/${total}  ${data.name} ${model} seed ${seed}`;
}

function resultLine(number: number, total: number, { settings, outcome, epochs, time }: StudyRun) {
  const head = headOf(number, total, settings);
  if (outcome.kind === "diverged") return `${head}  diverged: ${outcome.reason}`;
  const images = (settings.data.trainRows * epochs.length) / time.trainingSeconds;
  return [
    head,
    `test accuracy ${percentText(epochs.at(-1)?.testAccuracy ?? Number.NaN)}`,
    `${time.trainingSeconds.toFixed(1)} s`,
    `${numberText(Math.round(images))} img/s`,
  ].join("  ");
}

interface Pace {
  seconds: number;
  work: number;
}

/**
 * The time that is left, from the runs that ended. A model that has ended once takes as long again; any
 * other as long as its multiplications say, at the pace of its family, or else of all.
 */
export class Forecast {
  readonly #left: Set<StudyRunSettings>;
  readonly #total: number;
  readonly #paces = new Map<string, Pace>();

  constructor(planned: readonly StudyRunSettings[], kept: readonly StudyRun[]) {
    const known = new Set(kept.map(({ settings }) => runName(settings)));
    this.#left = new Set(planned.filter((settings) => !known.has(runName(settings))));
    this.#total = planned.reduce((sum, settings) => sum + workOf(settings), 0);
    for (const run of kept) this.#learn(run);
  }

  ended(run: StudyRun): void {
    for (const settings of this.#left) {
      if (runName(settings) === runName(run.settings)) this.#left.delete(settings);
    }
    this.#learn(run);
  }

  /** Of all work, the share that is done; and seconds to the end of the last run. */
  during(current: StudyRunSettings, record: Progress): { done: number; secondsLeft: number } {
    const { epoch, epochs, step, steps } = record;
    const share = (epoch - 1 + step / steps) / epochs;
    const own = record.secondsLeft / Math.max(1e-9, workOf(current) * (1 - share));
    let secondsLeft = record.secondsLeft;
    let work = workOf(current) * (1 - share);
    for (const settings of this.#left) {
      if (settings === current) continue;
      work += workOf(settings);
      secondsLeft += workOf(settings) * (this.#paceOf(settings) ?? own);
    }
    return { done: 1 - work / this.#total, secondsLeft };
  }

  #paceOf({ model, network }: StudyRunSettings): number | undefined {
    const pace =
      this.#paces.get(model) ?? this.#paces.get(`family ${network.family}`) ?? this.#paces.get("");
    return pace && pace.seconds / pace.work;
  }

  #learn({ settings, outcome, time }: StudyRun): void {
    if (outcome.kind !== "finished") return;
    for (const key of [settings.model, `family ${settings.network.family}`, ""]) {
      const pace = this.#paces.get(key) ?? { seconds: 0, work: 0 };
      pace.seconds += time.wallSeconds;
      pace.work += workOf(settings);
      this.#paces.set(key, pace);
    }
  }
}

function workOf({ network, data, epochs }: StudyRunSettings): number {
  return multiplications(network) * data.trainRows * epochs;
}
