/** Texts as whole numbers: `sums`, whose next letters are to be foretold, and `sentences`, which praise or blame. */
import type { RandomStream } from "@hone/core";
import { isAnything, type Option } from "@hone/core/backend";
import type { DatasetPair } from "../official.js";
import { checkWhole, drawMade, knownMade, type MadeOptions, oneOf } from "./made-set.js";
import { MADE_STREAMS } from "./streams.js";

/** Options of sets of texts. */
export interface TextsOptions extends MadeOptions {
  /** Words or letters of a row, from 16 to 1024. Default 32, of sentences 24. */
  readonly length?: number | undefined;
}

const known: Readonly<Record<keyof TextsOptions, Option>> = {
  ...knownMade,
  length: { is: isAnything, wanted: "a whole number" },
};

export const SUMS = { train: 4000, test: 800, length: 32 } as const;
export const SENTENCES = { train: 4000, test: 800, length: 24 } as const;

type Writable = { [at: number]: number };

/** Of `sums`, by the number that stands for each. */
export const LETTERS: readonly string[] = [..."0123456789+= "];
const MOST_ADDED = 99;

/**
 * Draws the set: x int32 [length], sums such as `12+7=19` one after another, and y int32 [length], the letter that
 * follows each.
 * @throws BadArgument for counts, a seed or a length out of range.
 */
export async function sums(options: TextsOptions = {}): Promise<DatasetPair> {
  const length = lengthOf("sums", options, SUMS.length);
  const made = {
    name: "sums",
    stream: MADE_STREAMS.sums,
    rows: SUMS,
    x: { of: "whole numbers", shape: [length] },
    y: { of: "whole numbers", shape: [length] },
    classNames: LETTERS,
    words: LETTERS,
    draw: (random: RandomStream, x: Writable, y: Writable) => {
      let text = "";
      while (text.length <= length) {
        const [a, b] = [random.nextInteger(MOST_ADDED + 1), random.nextInteger(MOST_ADDED + 1)];
        text += `${a}+${b}=${a + b} `;
      }
      for (let at = 0; at < length; at++) {
        x[at] = LETTERS.indexOf(text[at] as string);
        y[at] = LETTERS.indexOf(text[at + 1] as string);
      }
    },
  } as const;
  return drawMade(made, options, known);
}

const NOUNS = ["soup", "waiter", "room", "view", "film", "music", "story", "bed", "price", "staff"];
const GOOD = ["good", "friendly", "lovely", "great", "clean", "charming"];
const BAD = ["bad", "rude", "ugly", "poor", "dirty", "boring"];
const ADVERBS = ["very", "really", "quite", "rather"];
const JOINTS = ["the", "is", "not", "never", "but", "and", "although", ",", "."];
/** Of `sentences`; number 0 is where a sentence has not begun. */
export const WORDS: readonly string[] = ["", ...JOINTS, ...NOUNS, ...ADVERBS, ...GOOD, ...BAD];

/** What a sentence does at last. */
export const OPINIONS: readonly string[] = ["blames", "praises"];

/** A clause that praises or blames, also by denying the contrary. */
function clause(random: RandomStream, praises: boolean): string[] {
  const denies = random.nextInteger(3) === 0;
  const adjective = oneOf(random, praises !== denies ? GOOD : BAD);
  return [
    ...["the", oneOf(random, NOUNS), "is"],
    ...(denies ? [oneOf(random, ["not", "never"])] : []),
    ...(random.nextInteger(3) === 0 ? [oneOf(random, ADVERBS)] : []),
    adjective,
  ];
}

/** Two clauses that agree, or of which one word says which counts; or one alone. */
function sentence(random: RandomStream, praises: boolean): string[] {
  const main = clause(random, praises);
  switch (random.nextInteger(5)) {
    case 0:
      return [...main, "."];
    case 1:
      return [...clause(random, praises), "and", ...main, "."];
    case 2:
      return [...clause(random, !praises), "but", ...main, "."];
    case 3:
      return ["although", ...clause(random, !praises), ",", ...main, "."];
    default:
      return [...main, "although", ...clause(random, !praises), "."];
  }
}

/**
 * Draws the set: x int32 [length], a sentence of a small grammar at its end and 0 before that; y uint8, whether it
 * praises.
 * @throws BadArgument as `sums`.
 */
export async function sentences(options: TextsOptions = {}): Promise<DatasetPair> {
  const length = lengthOf("sentences", options, SENTENCES.length);
  const made = {
    name: "sentences",
    stream: MADE_STREAMS.sentences,
    rows: SENTENCES,
    x: { of: "whole numbers", shape: [length] },
    y: { shape: [] },
    classNames: OPINIONS,
    words: WORDS,
    draw: (random: RandomStream, x: Writable, y: Writable) => {
      const label = random.nextInteger(2);
      const written = sentence(random, label === 1);
      for (const [at, word] of written.entries()) {
        x[length - written.length + at] = WORDS.indexOf(word);
      }
      y[0] = label;
    },
  } as const;
  return drawMade(made, options, known);
}

function lengthOf(where: string, options: TextsOptions, usual: number): number {
  const { length = usual } = (options ?? {}) as TextsOptions;
  checkWhole(where, "length", length, 16, 1024);
  return length;
}
