/**
 * Between which calls threads must meet.
 *
 * Each thread does its share of a call and goes on to the next. It may, unless that call reads what
 * another thread might still be writing, or writes what another might still be reading.
 */
import { type Operand, operandBytes } from "@hone/core/backend";
import type { KernelCall } from "./kernels/lowering.js";
import type { Meetings } from "./team.js";

/** A piece of memory: bytes of a block, or bytes that an entry's calls share. */
interface Piece {
  readonly space: string;
  readonly start: number;
  readonly end: number;
}

interface Access {
  readonly reads: readonly Piece[];
  readonly writes: readonly Piece[];
}

/** Pieces by space, so that the many spaces a call does not touch cost nothing. */
class Pieces {
  readonly #bySpace = new Map<string, Piece[]>();

  add(pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      const known = this.#bySpace.get(piece.space);
      if (known) known.push(piece);
      else this.#bySpace.set(piece.space, [piece]);
    }
  }

  overlaps(pieces: readonly Piece[]): boolean {
    return pieces.some(({ space, start, end }) =>
      this.#bySpace.get(space)?.some((other) => other.start < end && start < other.end),
    );
  }

  clear(): void {
    this.#bySpace.clear();
  }
}

const SHARED = "shared memory of the entry";

export class EntryMeetings implements Meetings {
  /** What was touched since the threads last met. */
  readonly #reads = new Pieces();
  readonly #writes = new Pieces();
  #isFirst = true;

  /** The first one meets the last step's end. */
  isNeededBefore(call: KernelCall & { readonly outputs: readonly Operand[] }): boolean {
    const { reads, writes } = accessOf(call);
    const isNeeded =
      this.#isFirst ||
      this.#writes.overlaps(reads) ||
      this.#writes.overlaps(writes) ||
      this.#reads.overlaps(writes);
    this.#isFirst = false;
    if (isNeeded) {
      this.#reads.clear();
      this.#writes.clear();
    }
    this.#reads.add(reads);
    this.#writes.add(writes);
    return isNeeded;
  }
}

function accessOf(call: KernelCall & { readonly outputs: readonly Operand[] }): Access {
  const reads: Piece[] = [];
  const writes = call.outputs.map(pieceOf);
  for (const argument of call.arguments) {
    if (typeof argument === "number") continue;
    if (argument.kind === "operand") reads.push(pieceOf(argument.operand));
    if (argument.kind === "shared") {
      const { byteOffset, bytes } = argument;
      writes.push({ space: SHARED, start: byteOffset, end: byteOffset + bytes });
    }
  }
  return { reads, writes };
}

function pieceOf(operand: Operand): Piece {
  const { block, byteOffset } = operand;
  return { space: block, start: byteOffset, end: byteOffset + operandBytes(operand, 32) };
}
