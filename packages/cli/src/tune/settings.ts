/** What a search is: all that its results depend on. Two results belong together when these agree. */
import { createHash } from "node:crypto";
import path from "node:path";
import { type Dataset, HoneError, soleInput, soleLabels } from "@hone/core";
import { shortJson } from "../short-json.js";
import { flatPlan, halvingPlan, type SearchPlan } from "./brackets.js";
import { draws, grid, mostTrials } from "./candidates.js";
import { type Configuration, readSpace, type SearchSpace } from "./space.js";

export const searchKinds = ["grid", "random", "halving"] as const;
export type SearchKind = (typeof searchKinds)[number];

/** What the result of a trial of some epochs depends on, beside its number. */
export interface TrialSettings {
  /** Version of Hone. */
  readonly hone: string;
  readonly space: SearchSpace;
  /** Which configuration a trial's number stands for. */
  readonly candidates: "grid" | "drawn";
  readonly seed: number;
  readonly seedsPerTrial: number;
  readonly batchSize: number;
  /** The fraction at the end of the training set that judges. */
  readonly validation: number;
  readonly data: DataIdentity;
  /** The device's class of arithmetic. */
  readonly numerics: string;
}

export interface DataIdentity {
  readonly name: string;
  /** Training images, those that validate included. */
  readonly rows: number;
  /** Of images and labels. */
  readonly sha256: string;
}

/** Which trials there are, and for how long each is trained. */
export interface Extent {
  readonly search: SearchKind;
  readonly trials: number;
  readonly epochs: number;
  /** Of successive halving. */
  readonly eta: number | null;
  readonly bracketSize: number | null;
}

export interface SearchSettings {
  readonly trial: TrialSettings;
  readonly extent: Extent;
}

/** @param name as asked for; of a folder, whose place may differ between machines, its last part counts */
export function dataIdentity(name: string, dataset: Dataset): DataIdentity {
  const hash = createHash("sha256");
  for (const { data, shape } of [soleInput(dataset, "tune"), soleLabels(dataset, "tune")]) {
    hash.update(`${data.constructor.name} ${shape.join(",")}\n`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return {
    name: path.basename(path.resolve(name)),
    rows: dataset.rows,
    sha256: hash.digest("hex"),
  };
}

/** A short name for settings; written into every trial's file. */
export function fingerprint(settings: TrialSettings): string {
  return createHash("sha256").update(JSON.stringify(settings)).digest("hex").slice(0, 16);
}

/** All configurations, trial 1 first. @throws BadArgument as `grid` and `draws` */
export function configurationsOf(
  {
    trial,
    extent,
  }: {
    readonly trial: Pick<TrialSettings, "space" | "candidates" | "seed">;
    readonly extent: Pick<Extent, "trials">;
  },
  where: string,
): readonly Configuration[] {
  if (trial.candidates === "grid") return grid(trial.space, where);
  return draws(trial.space, extent.trials, trial.seed, where);
}

export function planOf({ trial, extent }: SearchSettings): SearchPlan {
  const { trials, epochs, eta, bracketSize } = extent;
  if (eta === null || bracketSize === null) return flatPlan(trials, epochs);
  return halvingPlan(trials, epochs, { eta, bracketSize, seed: trial.seed });
}

type Field = readonly [label: string, value: (settings: SearchSettings) => unknown];

const trialFields: readonly Field[] = [
  ["Hone version", ({ trial }) => trial.hone],
  ["search space", ({ trial }) => trial.space],
  ["choice of configurations", ({ trial }) => trial.candidates],
  ["seed", ({ trial }) => trial.seed],
  ["number of seeds per trial", ({ trial }) => trial.seedsPerTrial],
  ["batch size", ({ trial }) => trial.batchSize],
  ["validation fraction", ({ trial }) => trial.validation],
  ["data set", ({ trial }) => trial.data.name],
  ["number of training images", ({ trial }) => trial.data.rows],
  ["content of the data set (SHA-256)", ({ trial }) => trial.data.sha256],
  ["numerics", ({ trial }) => trial.numerics],
];

const extentFields: readonly Field[] = [
  ["search", ({ extent }) => extent.search],
  ["number of trials", ({ extent }) => extent.trials],
  ["number of epochs", ({ extent }) => extent.epochs],
  ["eta", ({ extent }) => extent.eta],
  ["bracket size", ({ extent }) => extent.bracketSize],
];

/** The first of the settings in which two searches differ, as `seed is 1 in a and 2 in b`; undefined when none. */
export function difference(
  a: readonly [settings: SearchSettings, name: string],
  b: readonly [settings: SearchSettings, name: string],
  { trialsOnly = false }: { readonly trialsOnly?: boolean } = {},
): string | undefined {
  for (const [label, value] of trialsOnly ? trialFields : [...trialFields, ...extentFields]) {
    const [x, y] = [value(a[0]), value(b[0])];
    if (JSON.stringify(x) === JSON.stringify(y)) continue;
    return `the ${label} is ${bare(shortJson(x))} in ${a[1]} and ${bare(shortJson(y))} in ${b[1]}`;
  }
  return undefined;
}

function bare(json: string): string {
  return json.replace(/^"(.*)"$/, "$1");
}

/** Of counts in a file; far above any that is meant. */
const mostOfAny = 2 ** 32 - 1;

/**
 * Settings as they stand in a file.
 * @throws BadArgument naming the file and the field that is not as it should be
 */
export function readSettings(json: unknown, where: string): SearchSettings {
  const wrong = (name: string, value: unknown) =>
    new HoneError(
      "BadArgument",
      where,
      `"${name}" is ${shortJson(value)}, so this is no search of this version of hone. Give a folder that "hone tune" wrote.`,
    );
  const field = (from: unknown, name: string): unknown =>
    (from as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  const text = (from: unknown, name: string): string => {
    const value = field(from, name);
    if (typeof value !== "string") throw wrong(name, value);
    return value;
  };
  const whole = (from: unknown, name: string, least: number, most = mostOfAny): number => {
    const value = field(from, name) as number;
    if (!Number.isSafeInteger(value) || value < least || value > most) throw wrong(name, value);
    return value;
  };
  const fraction = (from: unknown, name: string): number => {
    const value = field(from, name);
    if (typeof value !== "number" || !(value > 0 && value < 1)) throw wrong(name, value);
    return value;
  };
  const choice = <Word extends string>(
    from: unknown,
    name: string,
    words: readonly Word[],
  ): Word => {
    const found = words.find((word) => word === field(from, name));
    if (found === undefined) throw wrong(name, field(from, name));
    return found;
  };
  const [trial, extent] = [field(json, "trial"), field(json, "extent")];
  const data = field(trial, "data");
  const orNull = (name: string) => (field(extent, name) === null ? null : whole(extent, name, 2));
  return {
    trial: {
      hone: text(trial, "hone"),
      space: readSpace(JSON.stringify(field(trial, "space") ?? null), where),
      candidates: choice(trial, "candidates", ["grid", "drawn"]),
      seed: whole(trial, "seed", 0),
      seedsPerTrial: whole(trial, "seedsPerTrial", 1),
      batchSize: whole(trial, "batchSize", 1),
      validation: fraction(trial, "validation"),
      data: {
        name: text(data, "name"),
        rows: whole(data, "rows", 1),
        sha256: text(data, "sha256"),
      },
      numerics: text(trial, "numerics"),
    },
    extent: {
      search: choice(extent, "search", searchKinds),
      trials: whole(extent, "trials", 1, mostTrials),
      epochs: whole(extent, "epochs", 1),
      eta: orNull("eta"),
      bracketSize: orNull("bracketSize"),
    },
  };
}
