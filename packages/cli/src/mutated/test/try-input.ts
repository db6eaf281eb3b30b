/** What a reader makes of an input, and what that takes. */
import { type ErrorKind, isHoneError } from "@hone/core";
import { Dice, type Mutation } from "./mutate.js";

/** A reader of what others wrote: one entry of a table. */
export interface Reader<Value = unknown> {
  readonly name: string;
  /** Inputs that are read; each is mutated. */
  readonly samples: readonly Uint8Array[];
  readonly mutations: readonly Mutation[];
  /** Reads an input, as a file or as bytes. @throws what it throws to its callers */
  read(bytes: Uint8Array): Value | Promise<Value>;
  /** Kinds of its refusals. */
  readonly refuses: readonly ErrorKind[];
  /** What a reading may take beyond twice the input. */
  readonly budgetBytes: number;
  /** What an independent reader says against a value that was read; undefined when they agree. */
  objection?(bytes: Uint8Array, value: Value): string | undefined | Promise<string | undefined>;
  /** Which share of the mutations it gets, for one that takes its time; 1 unless given. */
  readonly share?: number;
}

export interface Attempt {
  readonly outcome: "read" | "refused";
  readonly ms: number;
  /** What is wrong with the outcome; undefined when nothing is. */
  readonly fault?: string;
}

/** Garbage of earlier inputs, and what the engine compiles meanwhile. */
const noiseBytes = 96 * 2 ** 20;

export async function tryInput(reader: Reader, bytes: Uint8Array): Promise<Attempt> {
  const [before, highest] = [allocated(), process.resourceUsage().maxRSS];
  const beganMs = performance.now();
  let outcome: "read" | "refused" = "read";
  let fault: string | undefined;
  let value: unknown;
  try {
    value = await reader.read(bytes);
  } catch (error) {
    outcome = "refused";
    fault = faultOf(error, reader.refuses);
  }
  const ms = performance.now() - beganMs;
  const grown = Math.max(allocated() - before, (process.resourceUsage().maxRSS - highest) * 1024);
  const most = 2 * bytes.length + reader.budgetBytes + noiseBytes;
  if (grown > most) fault ??= `it took ${grown} bytes, and ${most} are its budget`;
  if (outcome === "read") fault ??= await reader.objection?.(bytes, value);
  return { outcome, ms, ...(fault !== undefined && { fault }) };
}

function allocated(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
const raw = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/;

function faultOf(error: unknown, kinds: readonly ErrorKind[]): string | undefined {
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (!isHoneError(error) || !kinds.includes(error.kind)) return told;
  const shaped = /^\[hone\] .+: .+\.$/.test(error.message) && !raw.test(error.message);
  return shaped && error.message.length < 2500 ? undefined : `message: ${told.slice(0, 6000)}`;
}

export interface Mutated {
  readonly bytes: Uint8Array;
  /** To find it again. */
  readonly label: string;
}

/** `count` inputs made of a reader's samples; the same for the same seed. */
export function* mutatedInputs(
  { name, samples, mutations, share = 1 }: Reader,
  count: number,
  seed: number,
): Generator<Mutated> {
  for (let index = 0; index < Math.ceil(count * share); index++) {
    const dice = new Dice(Math.imul(seed, 0x9e3779b1) + index);
    const bytes = dice.of(mutations)(dice.of(samples), dice);
    yield { bytes, label: `${name}, seed ${seed}, input ${index}` };
  }
}
