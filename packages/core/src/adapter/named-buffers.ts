/** What the host may write and read by name, over all entries of an executable. */
import { HoneError } from "../errors.js";
import { sizeOf } from "../graph/geometry.js";
import type { Entry, Operand } from "../plan/program.js";
import type { TypedArray } from "../typed-array.js";

/** The buffers that entries name, and where in their blocks they lie. */
export class NamedBuffers {
  readonly #known = new Map<string, { readonly operand: Operand; entries: number }>();

  /** @throws ShapeMismatch when a name stands for another place already */
  check(buffers: Entry["buffers"], where: string): void {
    for (const [name, operand] of Object.entries(buffers)) {
      const known = this.#known.get(name)?.operand;
      if (!known || samePlace(known, operand)) continue;
      throw new HoneError(
        "ShapeMismatch",
        where,
        `buffer "${name}" is ${describe(operand)}, but another entry has it as ${describe(known)}. Use another name.`,
      );
    }
  }

  /** Adds an entry's buffers, which passed `check`. */
  add(buffers: Entry["buffers"]): void {
    for (const [name, operand] of Object.entries(buffers)) {
      const known = this.#known.get(name);
      if (known) known.entries++;
      else this.#known.set(name, { operand, entries: 1 });
    }
  }

  /** Takes away those of an entry that no other one names. */
  remove(buffers: Entry["buffers"]): void {
    for (const name of Object.keys(buffers)) {
      const known = this.#known.get(name);
      if (known && --known.entries === 0) this.#known.delete(name);
    }
  }

  /** Where the buffer is. @throws BadArgument when no entry names it */
  find(verb: "read" | "write", name: string): Operand {
    const operand = this.#known.get(name)?.operand;
    if (operand) return operand;
    throw new HoneError(
      "BadArgument",
      `${verb} "${name}"`,
      `there is no such buffer among [${[...this.#known.keys()]}]. Use one that an entry names.`,
    );
  }

  /** Forgets all names. */
  clear(): void {
    this.#known.clear();
  }
}

/**
 * Whether `data` can be written to the start of `operand`: not longer, and integers to integers.
 * Bytes go anywhere, and floats of either precision to floats.
 * @throws ShapeMismatch, BadData
 */
export function checkFit(operand: Operand, data: TypedArray, where: string): void {
  const length = sizeOf(operand.shape);
  if (data.length > length) {
    throw new HoneError(
      "ShapeMismatch",
      where,
      `${data.length} elements do not fit in ${length}. Give that many or fewer.`,
    );
  }
  const integers = operand.dtype === "int32";
  if (data instanceof Uint8Array || integers === data instanceof Int32Array) return;
  throw new HoneError(
    "BadData",
    where,
    `the buffer is ${operand.dtype}, the data a ${data.constructor.name}. Convert it first.`,
  );
}

function samePlace(a: Operand, b: Operand): boolean {
  return (
    a.block === b.block &&
    a.byteOffset === b.byteOffset &&
    a.dtype === b.dtype &&
    sizeOf(a.shape) === sizeOf(b.shape)
  );
}

function describe({ block, byteOffset, shape, dtype }: Operand): string {
  return `${dtype} [${shape}] at byte ${byteOffset} of "${block}"`;
}
