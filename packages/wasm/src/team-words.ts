/**
 * The words of shared memory by which threads know of one another: see assembly/team.ts.
 *
 * A thread that fails says so here, since the others may be waiting for it, and look at nothing else.
 */

import { LINE, MOST_IN_TEAM, TEAM_BYTES, WORK_NUMBERS } from "./team-record.js";

/** Of the length of the reason why the team is broken, and of its text. */
const REASON_LENGTH = 192;
const REASON_TEXT = 196;
const REASON_BYTES = 252;
/** Of the words that threads wait on: at a meeting, and each helper for work. Their lowest bit is set in a broken team. */
const WAITED_FOR = [
  0,
  ...Array.from({ length: MOST_IN_TEAM }, (_, thread) => WORK_NUMBERS + thread * LINE),
];

const BROKEN = 1;
/** The length while the text is being written. */
const WRITING = -1;
const REASON_LIMIT_MS = 200;

/** Wakes all who wait and lets them stop. The first reason counts. */
export function breakTeam(memory: WebAssembly.Memory, team: number, reason: string): void {
  const words = wordsOf(memory, team);
  if (Atomics.compareExchange(words, REASON_LENGTH / 4, 0, WRITING) === 0) {
    const text = new TextEncoder().encode(reason).subarray(0, REASON_BYTES);
    new Uint8Array(memory.buffer, team + REASON_TEXT, text.length).set(text);
    Atomics.store(words, REASON_LENGTH / 4, text.length);
    Atomics.notify(words, REASON_LENGTH / 4);
  }
  for (const word of WAITED_FOR) {
    Atomics.or(words, word / 4, BROKEN);
    Atomics.notify(words, word / 4);
  }
}

/** Why the team is broken, if it is and a reason was given. */
export function reasonOf(memory: WebAssembly.Memory, team: number): string | undefined {
  const words = wordsOf(memory, team);
  // Of two that fail at once the second may wake those who wait before the first has said why.
  if (!(memory.buffer instanceof ArrayBuffer)) {
    Atomics.wait(words, REASON_LENGTH / 4, WRITING, REASON_LIMIT_MS);
  }
  const length = Atomics.load(words, REASON_LENGTH / 4);
  // A kernel that runs wild may have written here too.
  if (length <= 0 || length > REASON_BYTES) return undefined;
  // Text is not decoded from memory that threads share.
  const text = new Uint8Array(memory.buffer, team + REASON_TEXT, length).slice();
  return new TextDecoder().decode(text);
}

function wordsOf(memory: WebAssembly.Memory, team: number): Int32Array {
  return new Int32Array(memory.buffer, team, TEAM_BYTES / 4);
}
