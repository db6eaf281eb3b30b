/** What is kept of a training in this browser, in words: known without loading it. */
import { readKept, writeKept } from "../house/kept-words.js";
import { readSettings, type Settings, settingsRecord } from "./settings.js";

const WORD = "kept-training";

export interface KeptNote {
  readonly settings: Settings;
  readonly step: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export function keptNote(): KeptNote | undefined {
  try {
    const { settings, step, at } = JSON.parse(readKept(WORD) ?? "");
    return { settings: readSettings(settings), step: Number(step), at: Number(at) };
  } catch {
    return undefined;
  }
}

export function writeNote(note: KeptNote): void {
  writeKept(WORD, JSON.stringify({ ...note, settings: settingsRecord(note.settings) }));
}
