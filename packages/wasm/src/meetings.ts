/**
 * Between which calls threads must meet.
 *
 * Each thread does its share of a call and goes on to the next. It may, unless that call reads what
 * another thread might still be writing, or writes what another might still be reading.
 */
import { type Operand, operandBytes } from "@hone/core/backend";
import type { KernelCall } from "./kernels/lowering.js";

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

const SHARED = "shared memory of the entry";

export class Meetings {
  /** What was touched since the threads last met. */
  #open: Access = { reads: [], writes: [] };
  #isFirst = true;

  /** Asked for each call in order. The first one meets the last step's end. */
  isNeededBefore(call: KernelCall & { readonly outputs: readonly Operand[] }): boolean {
    const access = accessOf(call);
    const { reads, writes } = this.#open;
    const isNeeded =
      this.#isFirst ||
      overlaps(access.reads, writes) ||
      overlaps(access.writes, writes) ||
      overlaps(access.writes, reads);
    this.#isFirst = false;
    this.#open = isNeeded
      ? access
      : { reads: [...reads, ...access.reads], writes: [...writes, ...access.writes] };
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

function overlaps(some: readonly Piece[], others: readonly Piece[]): boolean {
  return some.some(({ space, start, end }) =>
    others.some((other) => other.space === space && other.start < end && start < other.end),
  );
}
