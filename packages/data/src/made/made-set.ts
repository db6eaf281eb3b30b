/**
 * Sets that need no file and no network: every row is drawn by code, from the seed and its own number alone, so that a
 * smaller set is the beginning of a larger one. All of them are marked as synthetic.
 */
import type { PlainDataset } from "@hone/core";
import { checkOptions, inTurns, isAnything, type Option } from "@hone/core/backend";
import { HoneError, RandomStream } from "@hone/core/data";
import type { DatasetPair } from "../official.js";

/** How many rows are drawn, and from which seed. */
export interface MadeOptions {
  /** A whole number from 0 to 2³²−1. Default 0. */
  readonly seed?: number | undefined;
  /** How many rows to draw; each set has defaults of its own. */
  readonly train?: number | undefined;
  readonly test?: number | undefined;
}

/** What an option may be, by name; numbers are checked with their bounds. */
export const knownMade: Readonly<Record<keyof MadeOptions, Option>> = {
  seed: { is: isAnything, wanted: "a whole number" },
  train: { is: isAnything, wanted: "a whole number" },
  test: { is: isAnything, wanted: "a whole number" },
};

type Values = Uint8Array | Int32Array | Float32Array;

/** The values of a column's rows: bytes, unless it holds other numbers. */
export interface MadeColumn {
  readonly of?: "bytes" | "whole numbers" | "numbers";
  /** Of one row. */
  readonly shape: readonly number[];
  /** 1 unless given. */
  readonly scale?: number;
}

/** How a set is drawn. */
export interface MadeSet {
  readonly name: string;
  /** Of the generator. */
  readonly stream: number;
  /** How many rows it has unless told otherwise. */
  readonly rows: { readonly train: number; readonly test: number };
  readonly x: MadeColumn;
  readonly y: MadeColumn;
  readonly classNames?: readonly string[];
  /** What the whole numbers of x stand for. */
  readonly words?: readonly string[];
  /** Fills the views, all zeros, of one row. */
  readonly draw: (random: RandomStream, x: Values, y: Values) => void;
}

/** Rows of a test set are drawn from numbers that no row of a training set reaches. */
const TEST_ROW = 0x80000000;
const MOST_ROWS = 1_000_000;

/**
 * Draws training and test set, in slices that leave a page awake.
 * @throws BadArgument for options that are none, or out of range
 */
export async function drawMade(
  made: MadeSet,
  options: MadeOptions,
  known: Readonly<Record<string, Option>> = knownMade,
): Promise<DatasetPair> {
  checkOptions(made.name, options, known);
  const { seed = 0, train = made.rows.train, test = made.rows.test } = options;
  checkWhole(made.name, "seed", seed, 0, 0xffffffff);
  checkWhole(made.name, "train", train, 1, MOST_ROWS);
  checkWhole(made.name, "test", test, 1, MOST_ROWS);
  return {
    train: await drawSet(made, "train", seed, 0, train),
    test: await drawSet(made, "test", seed, TEST_ROW, test),
  };
}

/** @throws BadArgument unless it is a whole number in that range */
export function checkWhole(
  where: string,
  name: string,
  value: number,
  least: number,
  most: number,
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const shown = typeof value === "number" ? value : `of type ${typeof value}`;
  throw new HoneError(
    "BadArgument",
    where,
    `${name} is ${shown}. Give a whole number from ${least} to ${most}.`,
  );
}

async function drawSet(
  { name, stream, x, y, classNames, words, draw }: MadeSet,
  part: string,
  seed: number,
  firstRow: number,
  rows: number,
): Promise<PlainDataset> {
  const [inputs, labels] = [columnOf(x, rows), columnOf(y, rows)];
  const turn = inTurns();
  for (let row = 0; row < rows; row++) {
    const used = turn();
    if (used) await used;
    const random = new RandomStream(seed, stream, firstRow + row);
    draw(random, rowOf(inputs, rows, row), rowOf(labels, rows, row));
  }
  return {
    name: `${name} ${part}`,
    rows,
    columns: { x: inputs, y: labels },
    ...(classNames && { classNames }),
    ...(words && { words }),
    synthetic: true,
    source: "drawn by code",
  };
}

const ARRAYS = { bytes: Uint8Array, "whole numbers": Int32Array, numbers: Float32Array };

function columnOf({ of = "bytes", shape, scale = 1 }: MadeColumn, rows: number) {
  const length = shape.reduce((product, extent) => product * extent, rows);
  return { data: new ARRAYS[of](length), shape, scale, offset: 0 };
}

function rowOf({ data }: { readonly data: Values }, rows: number, row: number): Values {
  const length = data.length / rows;
  return data.subarray(row * length, (row + 1) * length);
}

export function between(random: RandomStream, least: number, most: number): number {
  return least + (most - least) * random.nextFloat();
}

export function oneOf<Choice>(random: RandomStream, choices: readonly Choice[]): Choice {
  return choices[random.nextInteger(choices.length)] as Choice;
}
