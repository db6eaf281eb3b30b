/** The options of `hone tune`, read into what a search needs; nothing runs before all of them are right. */
import process from "node:process";
import { HoneError } from "@hone/core";
import { type Arguments, misuse, type OptionSpec, readChoice, readNumber } from "../arguments.js";
import { backendOption, datasetOption, defaultBackend, threadsOption } from "../command.js";
import { type BackendChoice, backendChoices } from "../devices.js";
import { readInput, textOf } from "../files/read-input.js";
import { rungEpochs } from "./brackets.js";
import { draws, grid, mostTrials } from "./candidates.js";
import { type Extent, searchKinds } from "./settings.js";
import { readShard, type Shard } from "./shard.js";
import {
  type Configuration,
  publishedSpaces,
  readSpace,
  type SearchSpace,
  tunedModels,
} from "./space.js";

export const tuneOptions: readonly OptionSpec[] = [
  { name: "model", value: "MODEL", help: "cnn or mlp, over the published space (default cnn)" },
  { name: "space", value: "FILE", help: "a search space of your own, as JSON; see TUNING.md" },
  { name: "search", value: "NAME", help: `${searchKinds.join(", ")} (default grid)` },
  {
    name: "trials",
    value: "N",
    help: "how many configurations to draw: for random, and for halving in place of the whole grid",
  },
  { name: "eta", value: "N", help: "halving keeps one trial in N at each rung (default 3)" },
  {
    name: "bracket-size",
    value: "N",
    help: "trials that halving compares with each other (default: as many as leave one for the last rung)",
  },
  { ...datasetOption, help: `${datasetOption.help} (default mnist)` },
  { name: "limit", value: "N", help: "use the first N training images only" },
  {
    name: "validation",
    value: "FRACTION",
    help: "the last part of the training images, which judges (default 0.1)",
  },
  {
    name: "epochs",
    value: "N",
    help: "passes over the training images; of halving, the most (default 10)",
  },
  { name: "batch-size", value: "N", help: "images in a step, unless the space says (default 64)" },
  { name: "seed", value: "N", help: "decides draws, weights, order and dropout (default 1)" },
  {
    name: "seeds-per-trial",
    value: "N",
    help: "train each trial from N seeds, and judge by their mean (default 1)",
  },
  backendOption,
  { ...threadsOption, help: `${threadsOption.help} (default: all; 1 each with --jobs)` },
  { name: "jobs", value: "N", help: "processes that train at the same time (default 1)" },
  {
    name: "shard",
    value: "K/N",
    help: "do the K-th of N shares only; auto/N or auto: K from a Kubernetes Indexed Job or a Slurm array",
  },
  {
    name: "out",
    value: "DIR",
    help: "keep trials, leaderboard and the winner's model here (required); run again to go on",
  },
  { name: "json", value: "FILE", help: "write leaderboard and winner here as one JSON object" },
];

export interface TuneRequest {
  readonly space: SearchSpace;
  readonly candidates: "grid" | "drawn";
  /** Trial 1 first. */
  readonly configurations: readonly Configuration[];
  readonly extent: Extent;
  readonly shard: Shard | undefined;
  readonly dataset: string;
  readonly limit: number | undefined;
  readonly validation: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly seedsPerTrial: number;
  readonly backend: BackendChoice;
  readonly threads: number | undefined;
  readonly jobs: number;
  readonly out: string;
  readonly json: string | undefined;
}

const command = { name: "tune" };
const most32 = 0xffffffff;

/** @throws BadArgument naming the option, or the file of the search space */
export async function readRequest(given: Arguments): Promise<TuneRequest> {
  const { options } = given;
  const out = options.get("out");
  if (out === undefined)
    throw misuse(command, "--out is missing: the folder that trials are kept in");
  const whole = (name: string, most: number) =>
    readNumber(given, name, { least: 1, most, whole: true });
  const seed = readNumber(given, "seed", { least: 0, most: most32, whole: true }) ?? 1;
  const seedsPerTrial = whole("seeds-per-trial", 1000) ?? 1;
  if (seed + seedsPerTrial - 1 > most32) {
    const what = `--seed ${seed} and --seeds-per-trial ${seedsPerTrial} go beyond ${most32}`;
    throw misuse(command, `${what}; give a smaller seed`);
  }
  const shardText = options.get("shard");
  const { space, where } = await chooseSpace(given);
  const chosen = chooseTrials(given, space, where, seed);
  return {
    ...chosen,
    space,
    shard: shardText === undefined ? undefined : readShard(shardText, process.env),
    dataset: options.get("dataset") ?? "mnist",
    limit: readNumber(given, "limit", { least: 2, whole: true }),
    validation: readNumber(given, "validation", { least: 0, most: 0.9, open: "least" }) ?? 0.1,
    batchSize: whole("batch-size", 65_536) ?? 64,
    seed,
    seedsPerTrial,
    backend: readChoice(given, "backend", backendChoices) ?? defaultBackend,
    threads: whole("threads", 256),
    jobs: whole("jobs", 256) ?? 1,
    out,
    json: options.get("json"),
  };
}

const spaceFile = {
  kind: "BadArgument",
  advice: "Give a JSON file with a search space.",
  // Far above any space; keeps a wrong file name from filling the memory.
  longest: 2 ** 20,
} as const;

async function chooseSpace(
  given: Arguments,
): Promise<{ readonly space: SearchSpace; readonly where: string }> {
  const model = readChoice(given, "model", tunedModels);
  const file = given.options.get("space");
  if (file === undefined) {
    const space = publishedSpaces[model ?? "cnn"];
    return { space, where: `published space of ${space.model}` };
  }
  const space = readSpace(textOf(await readInput(file, spaceFile)), file);
  if (model !== undefined && model !== space.model) {
    const what = `it is a space of ${space.model}, and --model asks for ${model}. Leave --model out.`;
    throw new HoneError("BadArgument", file, what);
  }
  return { space, where: file };
}

function chooseTrials(
  given: Arguments,
  space: SearchSpace,
  where: string,
  seed: number,
): Pick<TuneRequest, "candidates" | "configurations" | "extent"> {
  const { options } = given;
  const search = readChoice(given, "search", searchKinds) ?? "grid";
  const trials = readNumber(given, "trials", { least: 1, most: mostTrials, whole: true });
  const epochs = readNumber(given, "epochs", { least: 1, most: 1_000_000, whole: true }) ?? 10;
  if (search === "grid" && trials !== undefined) {
    throw misuse(command, "--trials goes with --search random or halving: a grid tries all points");
  }
  if (search === "random" && trials === undefined) {
    throw misuse(command, "--trials is missing: how many random configurations to try");
  }
  const drawn = trials !== undefined;
  const configurations = drawn ? draws(space, trials, seed, where) : grid(space, where);
  const count = configurations.length;
  const chosen = { candidates: drawn ? "drawn" : "grid", configurations } as const;
  if (search !== "halving") {
    const stray = ["eta", "bracket-size"].find((name) => options.has(name));
    if (stray !== undefined) throw misuse(command, `--${stray} goes with --search halving`);
    return { ...chosen, extent: { search, trials: count, epochs, eta: null, bracketSize: null } };
  }
  const eta = readNumber(given, "eta", { least: 2, most: 1000, whole: true }) ?? 3;
  const fitting = Math.max(2, eta ** (rungEpochs(epochs, eta).length - 1));
  const bracketSize =
    readNumber(given, "bracket-size", { least: 2, most: mostTrials, whole: true }) ??
    Math.min(fitting, mostTrials);
  return { ...chosen, extent: { search, trials: count, epochs, eta, bracketSize } };
}
