/** `hone data fetch` and `hone data info`. */
import type { HoneError } from "@hone/core";
import { DATASET_NAMES, listDatasets, openDataset } from "@hone/data";
import { numberText, resultTable } from "@hone/report";
import { type Arguments, misuse } from "../arguments.js";
import type { Command, Surroundings } from "../command.js";
import { watchDownload } from "../progress.js";
import { dataExploreCommand } from "./data-explore.js";

export const dataFetchCommand: Command = {
  name: "data fetch",
  operands: "NAME...",
  summary: "download data sets, and check them",
  description:
    "Downloads mnist or fashion-mnist from public mirrors into the user's cache, or into the folder that HONE_DATA names, and checks " +
    "every file's size and SHA-256. What is there already is checked and not downloaded again.",
  options: [],
  run: fetchData,
};

async function fetchData(given: Arguments, { terminal, interrupt }: Surroundings): Promise<void> {
  const names = given.operands;
  if (names.length === 0) {
    throw misuse(dataFetchCommand, `no data set was given: ${DATASET_NAMES.join(", ")}`);
  }
  for (const name of names) {
    if (DATASET_NAMES.some((known) => known === name)) continue;
    throw misuse(dataFetchCommand, `there is no data set '${name}'`, DATASET_NAMES);
  }
  for (const name of names) {
    const { signal } = interrupt;
    const { train, test } = await openDataset(name, { signal, progress: watchDownload(terminal) });
    const place = (await listDatasets()).find((info) => info.name === name)?.place ?? train.source;
    terminal.print(
      `${name}: ${numberText(train.rows)} training and ${numberText(test.rows)} test images, checked`,
    );
    terminal.print(`Files      ${place}`);
  }
}

export const dataInfoCommand: Command = {
  name: "data info",
  summary: "list the data sets, and where they would come from",
  description: "Reads and downloads nothing.",
  options: [],
  async run(_given, { terminal }) {
    const rows = (await listDatasets()).map((info) => ({
      name: info.name,
      what: info.description,
      training: info.trainRows,
      test: info.testRows,
      shape: info.shape.join("×"),
      place: info.place ?? `to download (${(info.downloadBytes / 1e6).toFixed(1)} MB)`,
    }));
    terminal.print(resultTable(rows));
    terminal.print("\nFiles      none written; a folder with four IDX files is a data set too");
  },
};

/** In the order of `hone --help`. */
export const dataCommands = [dataFetchCommand, dataInfoCommand, dataExploreCommand] as const;

/** `hone data` alone. */
export function dataMisuse(word: string | undefined): HoneError {
  if (word === undefined)
    return misuse({ name: "data" }, "'data' needs 'explore', 'fetch' or 'info'");
  return misuse({ name: "data" }, `unknown command 'data ${word}'`, [
    ...dataCommands.map(({ name }) => name),
  ]);
}
