/** `hone study`. */
import path from "node:path";
import { adam, HoneError } from "@hone/core";
import { fileStem } from "@hone/report";
import { version } from "../../package.json";
import { type Arguments, misuse, readChoice, readNumber } from "../arguments.js";
import {
  backendOption,
  type Command,
  defaultBackend,
  type Surroundings,
  threadsOption,
} from "../command.js";
import { allBackends, backendChoices, openDevice } from "../devices.js";
import { canonical } from "../files/destination.js";
import { lockFolder } from "../files/folder-lock.js";
import { checkFileWritable, checkFolderWritable } from "../files/writable.js";
import { runStudy } from "../study/study.js";
import { tellStudy } from "../study/study-files.js";
import {
  buildNetwork,
  type StudyModelName,
  studyModel,
  studyModelNames,
  variantsOf,
} from "../study/study-models.js";

const defaultDatasets = "mnist,fashion-mnist";
const defaultOut = "hone-study";

export const studyCommand: Command = {
  name: "study",
  summary: "reproduce the classic study, in one report",
  description:
    "Trains every model on every data set with several seeds, tests after each epoch, and writes study.html, study.json and " +
    "images/ into --out. Each run that ends is kept in --out/runs and is not trained again: after Ctrl-C the same command goes on.",
  options: [
    {
      name: "models",
      value: "NAMES",
      help: `with commas between: ${studyModelNames.join(", ")} (default all four)`,
    },
    {
      name: "datasets",
      value: "NAMES",
      help: `with commas between: mnist, fashion-mnist, digits (synthetic), or folders with four IDX files (default ${defaultDatasets})`,
    },
    { name: "seeds", value: "N", help: "runs of each model on each data set (default 3)" },
    {
      name: "variant-seeds",
      value: "N",
      help: "runs of each variant with a single tuning choice, where plain and tuned model are both there (default 1; 0 for none)",
    },
    backendOption,
    threadsOption,
    { name: "epochs", value: "N", help: "passes over the training images (default 10)" },
    { name: "batch-size", value: "N", help: "images in a step (default 64)" },
    { name: "limit", value: "N", help: "train on the first N training images only" },
    { name: "out", value: "DIR", help: `where everything goes (default ${defaultOut})` },
    { name: "json", value: "FILE", help: "write the figures here too, as one JSON object" },
  ],
  run: study,
};

async function study(given: Arguments, { terminal, interrupt }: Surroundings): Promise<void> {
  const names = readModels(given);
  const datasets = readDatasets(given);
  const choice = readChoice(given, "backend", backendChoices) ?? defaultBackend;
  const threads = readNumber(given, "threads", { least: 1, most: 256, whole: true });
  const count = (name: string, least: number, most: number) =>
    readNumber(given, name, { least, most, whole: true });
  const seeds = count("seeds", 1, 1000) ?? 3;
  const variantSeeds = count("variant-seeds", 0, 1000) ?? 1;
  const epochs = count("epochs", 1, 1_000_000) ?? 10;
  const batchSize = count("batch-size", 1, 65_536) ?? 64;
  const limit = readNumber(given, "limit", { least: 1, whole: true });
  const out = given.options.get("out") ?? defaultOut;
  const json = given.options.get("json");
  await checkFolderWritable(out);
  if (json !== undefined) {
    await checkApart(json, out);
    await checkFileWritable(json);
  }
  const backends = allBackends(threads);
  const variants = variantSeeds > 0 ? variantsOf(names) : [];
  const models = [...names.map(studyModel), ...variants];

  const lock = await lockFolder(out, "hone study");
  try {
    const outcomes = await runStudy(
      {
        datasets,
        models,
        seeds,
        variantSeeds: variants.length > 0 ? variantSeeds : 0,
        epochs,
        batchSize,
        ...(limit !== undefined && { limit }),
        out,
        lock,
        version,
        open: async ({ largest, steps, data, kept }) => {
          // Runs of two backends are never mixed, so the one of the kept runs is the only one that will do.
          const again =
            choice === "auto" ? backendChoices.find((name) => name === kept) : undefined;
          const opened = await openDevice({
            choice: again ?? choice,
            backends,
            model: buildNetwork(largest.network, largest.seed),
            optimizer: adam(largest.learningRate),
            batchSize,
            steps,
            data,
            terminal,
          });
          if (again === undefined) return opened;
          return { ...opened, why: `the study's earlier runs were made on ${again}` };
        },
      },
      terminal,
      interrupt,
    );
    await tellStudy(outcomes, { out, ...(json !== undefined && { json }) }, terminal);
  } finally {
    lock.release();
  }
}

function readModels(given: Arguments): readonly StudyModelName[] {
  const words = readList(given, "models", studyModelNames.join(","));
  for (const word of words) {
    if (studyModelNames.some((name) => name === word)) continue;
    throw misuse(studyCommand, `--models has no model '${word}'`, studyModelNames);
  }
  // In the table's order, whatever the order asked for.
  return studyModelNames.filter((name) => words.includes(name));
}

function readDatasets(given: Arguments): readonly string[] {
  const words = readList(given, "datasets", defaultDatasets);
  const files = words.map(fileStem);
  const twin = files.findIndex((name, index) => files.indexOf(name) !== index);
  if (twin < 0) return words;
  const first = words[files.indexOf(files[twin] as string)];
  throw misuse(
    studyCommand,
    `--datasets has '${first}' and '${words[twin]}', whose runs would have the same files`,
  );
}

/** Words with commas between, each once. */
function readList({ options }: Arguments, name: string, otherwise: string): readonly string[] {
  const words = (options.get(name) ?? otherwise).split(",").map((word) => word.trim());
  if (words.some((word) => word === "")) {
    throw misuse(studyCommand, `--${name} has an empty name: '${options.get(name)}'`);
  }
  return [...new Set(words)];
}

/** @throws BadArgument when the figures would take the place of the study's own files */
async function checkApart(json: string, out: string): Promise<void> {
  const from = path.relative(await canonical(out), await canonical(json));
  const own = /^(|study\.html|(runs|images)([/\\].*)?)$/.test(from);
  if (!own) return;
  const what = `the study itself writes there (--out ${out}). Give the figures another name.`;
  throw new HoneError("BadArgument", json, what);
}
