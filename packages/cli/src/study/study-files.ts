/** The files a study ends in, and what it says at its end. */
import path from "node:path";
import { type StudyTime, summariseStudy } from "@hone/report";
import { writeWhole } from "../output.js";
import type { Terminal } from "../terminal.js";
import type { StudyOutcomes } from "./study.js";

export interface StudyPlaces {
  readonly out: string;
  readonly json?: string;
}

export async function tellStudy(
  { record, time }: StudyOutcomes,
  { out }: StudyPlaces,
  terminal: Terminal,
): Promise<void> {
  const wallSeconds = performance.now() / 1000;
  const whole = { ...time, wallSeconds, overhead: wallSeconds / time.trainingSeconds };
  await writeWhole(
    path.join(out, "study.json"),
    JSON.stringify({ time: whole, summaries: summariseStudy(record) }, undefined, 1),
  );
  terminal.print(JSON.stringify(whole));
}
