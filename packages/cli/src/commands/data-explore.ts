/** `hone data explore`. */
import { HoneError } from "@hone/core";
import { openDataset } from "@hone/data";
import { type Exploration, explorationText, exploreDataset } from "@hone/report";
import { version } from "../../package.json";
import { type Arguments, misuse } from "../arguments.js";
import { type Command, datasetOption, type Surroundings } from "../command.js";
import { isSamePlace } from "../files/destination.js";
import { checkFileWritable } from "../files/writable.js";
import { writeWhole } from "../files/write-whole.js";
import { dateText, machineEntries, thisMachine } from "../machine.js";
import { watchDownload } from "../progress.js";

export const dataExploreCommand: Command = {
  name: "data explore",
  summary: "look at a data set before training on it",
  description:
    "Counts classes, and takes mean, deviation and histogram of all values; with --out a page shows samples, the mean of each class and " +
    "the variance of each pixel too.",
  options: [
    { ...datasetOption, help: `${datasetOption.help} (required)` },
    { name: "out", value: "FILE", help: "write a page with pictures and charts here, as HTML" },
    { name: "json", value: "FILE", help: "write everything found here as one JSON object" },
  ],
  run: explore,
};

async function explore(given: Arguments, { terminal, interrupt }: Surroundings): Promise<void> {
  const name = given.options.get("dataset");
  if (name === undefined) throw misuse(dataExploreCommand, "--dataset is missing");
  const [out, json] = [given.options.get("out"), given.options.get("json")];
  if (out !== undefined && json !== undefined && (await isSamePlace(out, json))) {
    const what = "--out and --json name the same file. Give them two.";
    throw new HoneError("BadArgument", out, what);
  }
  if (out !== undefined) await checkFileWritable(out);
  if (json !== undefined) await checkFileWritable(json);
  const { signal } = interrupt;
  const pair = await openDataset(name, { signal, progress: watchDownload(terminal) });
  const exploration = exploreDataset(pair, { name });
  terminal.print(explorationText(exploration));
  if (out !== undefined) await writeWhole(out, await page(exploration));
  if (json !== undefined) await writeWhole(json, `${JSON.stringify(exploration)}\n`);
  const places = [
    ...(out === undefined ? [] : [`page: ${out}`]),
    ...(json === undefined ? [] : [`figures: ${json}`]),
  ];
  terminal.print(
    `\nFiles      ${places.join("; ") || "none written: --out FILE makes a page with pictures, --json FILE keeps the figures"}`,
  );
}

async function page(exploration: Exploration): Promise<string> {
  const [{ explorationHtml }, { htmlDocument }] = await Promise.all([
    import("@hone/report/html"),
    import("../html-document.js"),
  ]);
  const made = {
    machine: machineEntries(thisMachine()),
    date: dateText(new Date()),
    madeBy: `Made by hone ${version}.`,
  };
  return explorationHtml(exploration, { document: htmlDocument() }, made);
}
