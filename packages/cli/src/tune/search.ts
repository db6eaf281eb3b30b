/** The search loop: whatever may be trained now goes to whoever is free, until nothing is left. */
import { type Job, lookAt } from "./brackets.js";
import { ProcessGone, type TrialRunner } from "./runners.js";
import type { SearchFolder } from "./search-folder.js";
import { fingerprint } from "./settings.js";
import type { Configuration } from "./space.js";
import { jobKey, type TrialRecord } from "./trial-record.js";
import type { SearchView } from "./watch.js";

export interface SearchRun {
  readonly folder: SearchFolder;
  /** Trial 1 first. */
  readonly configurations: readonly Configuration[];
  /** Trials at the same time. */
  readonly jobs: number;
  readonly makeRunner: () => TrialRunner;
  readonly view: SearchView;
  readonly say: (text: string) => void;
  /** Called after each trial that was written. */
  readonly onSaved: (record: TrialRecord) => void;
}

/** A trial is tried again once when its process is gone: the memory it lacked may be free by then. */
const mostTries = 2;

/**
 * Trains what the folder's plan lacks. Results do not depend on who trained what, or when.
 * @returns jobs that could not be done, since their processes ended twice
 * @throws what a trial throws, or the disk; finished trials are kept
 */
export async function searchTrials(run: SearchRun): Promise<readonly Job[]> {
  const { folder, jobs, makeRunner } = run;
  const tries = new Map<string, number>();
  const running = new Map<string, Promise<void>>();
  const runners = new Set<TrialRunner>();
  const idle: TrialRunner[] = [];
  const triesOf = (job: Job) => tries.get(jobKey(job)) ?? 0;
  const hire = () => {
    const runner = makeRunner();
    runners.add(runner);
    return runner;
  };
  const start = async (job: Job, runner: TrialRunner) => {
    try {
      await trainOne(run, job, runner);
      idle.push(runner);
    } catch (error) {
      run.view.drop(job);
      if (!(error instanceof ProcessGone)) throw error;
      runner.close();
      runners.delete(runner);
      tries.set(jobKey(job), triesOf(job) + 1);
      const next = triesOf(job) < mostTries ? "It is tried once more." : "It is left out.";
      run.say(`[hone] tune: the process of trial ${job.trial} ${error.message}. ${next}`);
    } finally {
      running.delete(jobKey(job));
    }
  };
  try {
    for (;;) {
      const ready = lookAt(folder.plan, folder.scores).ready.filter(
        (job) => !running.has(jobKey(job)) && triesOf(job) < mostTries,
      );
      for (const job of ready.slice(0, jobs - running.size)) {
        running.set(jobKey(job), start(job, idle.pop() ?? hire()));
      }
      if (running.size === 0) break;
      await Promise.race(running.values());
    }
  } finally {
    for (const runner of runners) runner.close();
    await Promise.allSettled(running.values());
  }
  return lookAt(folder.plan, folder.scores).ready;
}

async function trainOne(run: SearchRun, job: Job, runner: TrialRunner): Promise<void> {
  const { folder, view } = run;
  const configuration = run.configurations[job.trial - 1]!;
  view.begin(job);
  const result = await runner.run({ ...job, configuration }, (progress) =>
    view.progress(job, progress),
  );
  const record: TrialRecord = {
    ...job,
    settings: fingerprint(folder.settings.trial),
    configuration,
    outcome: result.outcome,
    run: result.run,
  };
  await folder.save(record, result.models);
  run.onSaved(record);
  view.end(record);
}
