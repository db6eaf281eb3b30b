/** The end of a search, whole or merged: leaderboard, the winner's test, and where everything is. */
import path from "node:path";
import { type Dataset, type Device, HoneError } from "@hone/core";
import { writeWhole } from "../files/write-whole.js";
import type { Terminal } from "../terminal.js";
import { testLine } from "../training-report.js";
import { counted, type Leaderboard, leaderboardOf, leaderboardText } from "./leaderboard.js";
import { writePage } from "./page.js";
import { jsonText, type SearchFolder } from "./search-folder.js";
import { configurationText } from "./space.js";
import { testWinner, type Winner } from "./winner.js";

export interface FinishOptions {
  readonly folder: SearchFolder;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** Device and test images; asked for only when there is something to test. */
  readonly open: () => Promise<{ readonly device: Device; readonly test: Dataset }>;
  readonly json: string | undefined;
}

/** @throws Diverged when every trial failed, after the leaderboard was written */
export async function finishSearch(options: FinishOptions): Promise<void> {
  const { folder, terminal, signal, open, json } = options;
  const board = boardOf(folder);
  const text = leaderboardText(board);
  await writeWhole(path.join(folder.folder, "leaderboard.json"), jsonText(board));
  await writeWhole(path.join(folder.folder, "leaderboard.txt"), text);
  let isNew = false;
  const winner = await testWinner(
    folder,
    async () => {
      const opened = await open();
      terminal.show("tune  testing the winner");
      isNew = true;
      return opened;
    },
    signal,
  );
  terminal.show("");
  terminal.print(text);
  await writePage(folder.folder, board, winner);
  if (json !== undefined) await writeWhole(json, jsonText({ ...board, winner: winner ?? null }));
  if (winner === undefined) {
    const what = `every trial failed; ${path.join(folder.folder, "leaderboard.txt")} says why. Try smaller learning rates.`;
    throw new HoneError("Diverged", "tune", what);
  }
  terminal.print(winnerText(winner, folder, isNew));
  terminal.print(placesLine(folder.folder, json));
}

/** What one shard knows; the leaderboard is made by the merge. */
export async function finishShard({
  folder,
  terminal,
  json,
}: Pick<FinishOptions, "folder" | "terminal" | "json">): Promise<void> {
  const board = boardOf(folder);
  if (json !== undefined) await writeWhole(json, jsonText({ ...board, winner: null }));
  terminal.show("");
  if (board.trials.length > 0) terminal.print(leaderboardText({ ...board, effects: [] }));
  const have = counted(board.trials.length, "trial");
  terminal.print(`Shard      ${have}. When all shards are done: hone tune merge DIR... --out DIR`);
  const results = json === undefined ? "" : `; results: ${json}`;
  terminal.print(`Files      trials: ${folder.folder}${results}`);
}

function boardOf(folder: SearchFolder): Leaderboard {
  const record = (job: { readonly trial: number; readonly epochs: number }) => folder.record(job);
  return leaderboardOf(folder.settings, folder.plan, folder.scores, record);
}

function winnerText(winner: Winner, folder: SearchFolder, isNew: boolean): string {
  const { trial, epochs, configuration, test } = winner;
  const { name } = folder.settings.trial.data;
  const notes = [
    ...(test.seeds.length > 1 ? [`, mean of ${test.seeds.length} seeds`] : []),
    ...(isNew ? [] : [", as tested before"]),
  ];
  return [
    `Winner     trial ${trial}: ${configurationText(configuration)}, after ${counted(epochs, "epoch")}, with the weights it was judged by`,
    testLine(test, name, test) + notes.join(""),
  ].join("\n");
}

function placesLine(folder: string, json: string | undefined): string {
  const results = json === undefined ? "" : `; results: ${json}`;
  return `Files      tune.html, leaderboard, trials and the winner's model: ${folder}${results}`;
}
