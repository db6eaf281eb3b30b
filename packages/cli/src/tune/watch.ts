/** A search as a person watches it: a bar on a terminal, a line for each finished trial everywhere. */
import { percentText } from "@hone/report";
import { bar, durationText } from "../progress.js";
import type { Terminal } from "../terminal.js";
import { type Job, plannedWork, type SearchPlan } from "./brackets.js";
import { configurationText } from "./space.js";
import type { TrialProgress } from "./trial.js";
import { jobKey, type TrialRecord } from "./trial-record.js";

const liveMs = 100;
const plainMs = 10_000;

export interface SearchView {
  begin(job: Job): void;
  progress(job: Job, progress: TrialProgress): void;
  end(record: TrialRecord): void;
  /** It will not end. */
  drop(job: Job): void;
  stage(text: string): void;
}

/** @param finished jobs that need no training any more */
export function watchSearch(
  terminal: Terminal,
  plan: SearchPlan,
  seedsPerTrial: number,
  finished: readonly TrialRecord[],
  now: () => number = () => performance.now(),
): SearchView {
  const planned = plannedWork(plan);
  const beganMs = now();
  let saidMs = beganMs;
  let jobsDone = finished.length;
  let trainedEpochs = 0;
  let epochsLeft = planned.epochs - finished.reduce((sum, { epochs }) => sum + epochs, 0);
  let best = finished.reduce((most, record) => Math.max(most, accuracyOf(record)), 0);
  const running = new Map<string, { readonly job: Job; progress: TrialProgress }>();

  const timeLeft = () => {
    const part = [...running.values()].reduce((sum, { progress }) => sum + progress.epochsDone, 0);
    const done = trainedEpochs + part / seedsPerTrial;
    const perEpoch = (now() - beganMs) / 1000 / done;
    return durationText(perEpoch * (epochsLeft - part / seedsPerTrial));
  };
  const runningText = () =>
    [...running.values()]
      .map(({ job, progress }) => `trial ${job.trial} epoch ${progress.epoch}/${job.epochs}`)
      .join(", ");
  const count = () => `${jobsDone}/${planned.jobs}`;
  const bestText = () => (best === 0 ? [] : [`best ${percentText(best)}`]);

  const look = (always = false) => {
    const due = always || now() - saidMs >= (terminal.live ? liveMs : plainMs);
    if (!due) return;
    saidMs = now();
    const end = [runningText(), ...bestText(), `${timeLeft()} left`].join("  ");
    if (!terminal.live) return terminal.say(`tune  ${count()}  ${end}`);
    const start = `tune  ${count()}`;
    const room = terminal.columns - start.length - end.length - 4;
    terminal.show(`${start}  ${bar(jobsDone / planned.jobs, room)}  ${end}`);
  };

  return {
    begin(job) {
      running.set(jobKey(job), { job, progress: { epochsDone: 0, epoch: 1 } });
      if (terminal.live) look(true);
    },
    progress(job, progress) {
      const entry = running.get(jobKey(job));
      if (entry !== undefined) entry.progress = progress;
      look();
    },
    end(record) {
      running.delete(jobKey(record));
      jobsDone++;
      trainedEpochs += record.epochs;
      epochsLeft -= record.epochs;
      best = Math.max(best, accuracyOf(record));
      saidMs = now();
      terminal.say(`${endLine(record)}  (${count()}, ${timeLeft()} left)`);
      if (terminal.live && running.size > 0) look(true);
    },
    drop(job) {
      running.delete(jobKey(job));
    },
    stage(text) {
      terminal.show(text === "" ? "" : `tune  ${text}`);
    },
  };
}

function accuracyOf({ outcome }: TrialRecord): number {
  return outcome.status === "finished" ? outcome.validationAccuracy : 0;
}

function endLine(record: TrialRecord): string {
  const { trial, epochs, configuration, outcome, run } = record;
  const judged =
    outcome.status === "finished"
      ? `validation accuracy ${percentText(outcome.validationAccuracy)}`
      : `failed: ${outcome.reason}`;
  const seconds = `${run.trainingSeconds.toFixed(1)} s`;
  return `tune  trial ${trial}  epochs ${epochs}  ${judged}  ${configurationText(configuration)}  ${seconds}`;
}
