/** The files a study ends in, and what it says at its end. */
import path from "node:path";
import type { DatasetPair } from "@hone/data";
import {
  exploreDataset,
  type StudyFigures,
  type StudyTime,
  studyFigures,
  studyText,
} from "@hone/report";
import type { TestImages } from "@hone/report/html";
import { writeWhole } from "../files/write-whole.js";
import { dateText, machineEntries, thisMachine } from "../machine.js";
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
  const { record, data } = outcomes;
  const beganMs = performance.now();
  terminal.show("study  report");
  const figures = studyFigures(record);
  // Late: whoever asks for something else shall not wait for a library that draws.
  const [{ studyPage }, { htmlDocument }] = await Promise.all([
    import("@hone/report/html"),
    import("../html-document.js"),
  ]);
  const page = studyPage(
    {
      record,
      figures,
      images: imagesOf(data),
      explorations: [...data].map(([name, pair]) => exploreDataset(pair, { name })),
      time: timeOf(outcomes, (performance.now() - beganMs) / 1000),
      machine: machineEntries(thisMachine()),
      date: dateText(new Date()),
    },
    { document: htmlDocument() },
  );
  await writeWhole(path.join(out, "study.html"), page.html);
  for (const [name, content] of page.pictures) {
    await writeWhole(path.join(out, "images", name), content);
  }
  const time = timeOf(outcomes, (performance.now() - beganMs) / 1000);
  const text = `${JSON.stringify(studyJson(outcomes, figures, time), undefined, 1)}\n`;
  for (const file of [path.join(out, "study.json"), json]) {
    if (file !== undefined) await writeWhole(file, text);
  }
  terminal.print(`${studyText(record, figures)}\n`);
  terminal.print(`Time       ${timeText(time)}`);
  const places = [
    `report: ${path.join(out, "study.html")}`,
    `figures: ${[path.join(out, "study.json"), ...(json === undefined ? [] : [json])].join(", ")}`,
    `pictures: ${path.join(out, "images")}`,
    `runs: ${path.join(out, "runs")}`,
  ];
  terminal.print(`Files      ${places.join("; ")}`);
}

function imagesOf(data: ReadonlyMap<string, DatasetPair>): ReadonlyMap<string, TestImages> {
  return new Map(
    [...data].map(([name, { test }]) => [
      name,
      { width: 28, height: 28, pixels: test.columns.x.data, classNames: test.classNames ?? [] },
    ]),
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
