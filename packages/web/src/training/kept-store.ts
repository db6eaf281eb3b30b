/** A training kept in the browser, so that it goes on after a reload. Loaded by who keeps or goes on. */
import { browserCheckpoints } from "@hone/data";
import { type KeptNote, keptNote, writeNote } from "./kept.js";
import type { Settings } from "./settings.js";
import type { Training } from "./training.js";

const store = () => browserCheckpoints("demo-training", { keep: 2 });

/** Keeps weights, optimizer, and where in the training it is. @throws BadData where the browser keeps nothing for this page */
export async function keepTraining(training: Training): Promise<KeptNote> {
  const { session, settings } = training.work as NonNullable<Training["work"]>;
  const checkpoint = await session.checkpoint();
  await store().save(checkpoint);
  const note = { settings, step: checkpoint.step, at: Date.now() };
  writeNote(note);
  return note;
}

/** Goes on with it. @returns its settings, or undefined where nothing is kept @throws BadModelFile, BadData */
export async function resumeKept(training: Training): Promise<Settings | undefined> {
  const note = keptNote();
  const found = await store().latest();
  if (found === undefined || note === undefined) return undefined;
  void training.begin(note.settings, found.checkpoint);
  return note.settings;
}
