/** Which rows a benchmark has: all combinations of what the options name, or those of a file. */
import { type Mode, type RowIdentity, rowTitle } from "@hone/bench";
import { HoneError } from "@hone/core";
import { readInput, textOf } from "../files/read-input.js";
import { checkBackendName, engineName } from "./backends.js";
import { rowFault } from "./row-fields.js";

/** A row of Hone's own, which `hone bench-row` measures. */
export interface BackendRow extends RowIdentity {
  readonly backend: string;
  readonly threads?: number;
  readonly latency: boolean;
  /** Fewer than the whole benchmark's, where the engine is slow. */
  readonly epochs?: number;
  readonly limit?: number;
}

/** A row that another program measures, and prints as one JSON object. */
export interface ProgramRow extends RowIdentity {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export type PlannedRow = BackendRow | ProgramRow;

export const isProgram = (row: PlannedRow): row is ProgramRow => "command" in row;

export interface RowChoices {
  readonly models: readonly string[];
  readonly backends: readonly string[];
  readonly batchSizes: readonly number[];
  readonly modes: readonly Mode[];
  /** Of wasm; each is a row of its own. Its own default unless given. */
  readonly threads?: readonly number[] | undefined;
  readonly latency: boolean;
  readonly dataset: string;
}

/** @throws BadArgument for a backend that is none */
export async function rowsOfChoices(choices: RowChoices): Promise<readonly BackendRow[]> {
  for (const backend of choices.backends) await checkBackendName(backend);
  const rows: BackendRow[] = [];
  for (const model of choices.models) {
    for (const mode of choices.modes) {
      for (const batchSize of choices.batchSizes) {
        for (const backend of choices.backends) {
          const counts = backend === "wasm" ? (choices.threads ?? [undefined]) : [undefined];
          for (const threads of counts) {
            const latency = choices.latency && mode === "predict";
            const { dataset } = choices;
            rows.push(backendRow({ backend, model, dataset, mode, batchSize, threads, latency }));
          }
        }
      }
    }
  }
  return rows;
}

interface BackendRowParts {
  readonly backend: string;
  readonly model: string;
  readonly dataset: string;
  readonly mode: Mode;
  readonly batchSize: number;
  readonly threads?: number | undefined;
  readonly latency?: boolean | undefined;
  readonly epochs?: number | undefined;
  readonly limit?: number | undefined;
}

function backendRow(parts: BackendRowParts): BackendRow {
  const { backend, model, dataset, mode, batchSize, threads, latency = false } = parts;
  const words = [
    ...(threads === undefined ? [] : [threads === 1 ? "1 thread" : `${threads} threads`]),
    ...(latency ? ["latency"] : []),
  ];
  return {
    engine: engineName(backend),
    backend,
    model,
    dataset,
    mode,
    batchSize,
    latency,
    ...(words.length > 0 && { variant: words.join(", ") }),
    ...(threads !== undefined && { threads }),
    ...(parts.epochs !== undefined && { epochs: parts.epochs }),
    ...(parts.limit !== undefined && { limit: parts.limit }),
  };
}

const rowsFile = {
  kind: "BadArgument",
  advice: "Give a JSON file with a list of rows.",
  longest: 2 ** 26,
} as const;

/**
 * The rows of a JSON file: a list of objects, each with `model`, `mode`, `batchSize` and either `backend`
 * (and perhaps `threads`, `latency`, `epochs`, `limit`), or `engine` and `command` (and perhaps `variant`,
 * `env`).
 * @throws BadArgument, naming the file and the row
 */
export async function rowsOfFile(file: string, dataset: string): Promise<readonly PlannedRow[]> {
  const text = textOf(await readInput(file, rowsFile));
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw bad(file, `it is no JSON (${reason}). ${rowsFile.advice}`);
  }
  if (!Array.isArray(list) || list.length === 0) {
    throw bad(file, "it holds no list of rows. Give a JSON array with at least one.");
  }
  const rows: PlannedRow[] = [];
  for (const [index, given] of list.entries()) {
    rows.push(await rowOfObject(given, dataset, file, index));
  }
  return rows;
}

async function rowOfObject(
  given: unknown,
  dataset: string,
  file: string,
  index: number,
): Promise<PlannedRow> {
  const fault = rowFault(Object(given) as Readonly<Record<string, unknown>>);
  if (fault !== undefined) throw bad(file, `row ${index} ${fault}.`);
  const row = given as BackendRow & ProgramRow;
  const { model, mode, batchSize, engine, command, variant, env } = row;
  const common = { model, dataset: row.dataset ?? dataset, mode, batchSize };
  if (typeof row.backend === "string") {
    await checkBackendName(row.backend);
    const { backend, threads, latency, epochs, limit } = row;
    return backendRow({ ...common, backend, threads, latency, epochs, limit });
  }
  return { engine, ...common, command, ...(variant && { variant }), ...(env && { env }) };
}

/** @throws BadArgument where two rows would be one */
export function checkDistinct(rows: readonly PlannedRow[]): void {
  const titles = rows.map((row) => `${rowTitle(row)} ${row.dataset}`);
  const twice = titles.find((title, index) => titles.indexOf(title) !== index);
  if (twice === undefined) return;
  throw bad("bench", `"${twice.trim()}" is there twice. Give each row once, or variants.`);
}

const bad = (where: string, what: string) => new HoneError("BadArgument", where, what);
