/** The files a study ends in, and what it says at its end. */
import path from "node:path";
import { type StudyFigures, type StudyTime, studyFigures, studyText } from "@hone/report";
import { writeWhole } from "../output.js";
import type { Terminal } from "../terminal.js";
import type { StudyOutcomes } from "./study.js";

export interface StudyPlaces {
  readonly out: string;
  /** A further place for the figures. */
  readonly json?: string;
}

/** Writes the report, its pictures and the figures, and prints the summary and where all is. */
export async function tellStudy(
  outcomes: StudyOutcomes,
  { out, json }: StudyPlaces,
  terminal: Terminal,
): Promise<void> {
  const { record } = outcomes;
  const beganMs = performance.now();
  terminal.show("study  report");
  const figures = studyFigures(record);
  const time = timeOf(outcomes, (performance.now() - beganMs) / 1000);
  const text = `${JSON.stringify(studyJson(outcomes, figures, time), undefined, 1)}\n`;
  for (const file of [path.join(out, "study.json"), json]) {
    if (file !== undefined) await writeWhole(file, text);
  }
  terminal.print(`${studyText(record, figures)}\n`);
  terminal.print(`Time       ${timeText(time)}`);
  const further = json === undefined ? "" : `; figures also: ${json}`;
  terminal.print(
    `Files      figures: ${path.join(out, "study.json")}; runs: ${path.join(out, "runs")}${further}`,
  );
}

function timeOf({ time }: StudyOutcomes, reportSeconds: number): StudyTime {
  // Counted from the start of the process.
  const wallSeconds = performance.now() / 1000;
  const { trainingSeconds, runs } = time;
  const overhead = runs === 0 ? null : wallSeconds / trainingSeconds;
  return { wallSeconds, ...time, reportSeconds, overhead };
}

/** Predictions stay in the runs' own files. */
function studyJson({ record }: StudyOutcomes, figures: StudyFigures, time: StudyTime) {
  const { version, settings, device, why, tests, runs } = record;
  return {
    version,
    device,
    why,
    settings,
    time,
    ...figures,
    runs: runs.map(({ settings, outcome, epochs, steps, time }) => ({
      dataset: settings.data.name,
      model: settings.model,
      seed: settings.seed,
      outcome: outcome.kind,
      ...(outcome.kind === "diverged" && { reason: outcome.reason }),
      epochs,
      steps,
      time,
    })),
    tests: tests.map(({ name, classNames, synthetic }) => ({ name, classNames, synthetic })),
  };
}

function timeText({ runs, wallSeconds, trainingSeconds, testingSeconds, overhead }: StudyTime) {
  const wall = `${wallSeconds.toFixed(1)} s`;
  if (overhead === null) return `${wall}; all runs were kept from before`;
  const trained = `${trainingSeconds.toFixed(1)} s of training steps in ${runs === 1 ? "1 run" : `${runs} runs`}`;
  return `${wall} for ${trained}: overhead ×${overhead.toFixed(3)} (testing ${testingSeconds.toFixed(1)} s)`;
}
