/** Checkpoints as files. */
import { HoneError } from "../errors.js";
import type { Checkpoint } from "../run/checkpoint.js";
import { checkedCheckpoint } from "../run/checkpoint-checks.js";
import { decodeFile, type FileKind } from "./hone-file.js";
import { encodeFile } from "./hone-file-writer.js";

/** What the file holds has a number of its own, `Checkpoint.format`. */
const KIND: FileKind = { name: "checkpoint", format: "1", reader: "decodeCheckpoint" };

/**
 * The bytes of a checkpoint's file, the same for the same checkpoint.
 * @throws BadArgument for what is no checkpoint, or holds what no file can: a function, a class instance
 */
export async function encodeCheckpoint(checkpoint: Checkpoint): Promise<Uint8Array<ArrayBuffer>> {
  const { tensors, ...fields } = checked(checkpoint);
  return encodeFile(KIND, fields, tensors);
}

/**
 * The checkpoint that a file holds, every part checked against its SHA-256.
 * @param options `where`: what an error calls the file
 * @throws BadModelFile naming the file: cut short, altered, of another format, or no checkpoint; BadArgument
 * for what are no bytes
 */
export async function decodeCheckpoint(
  bytes: Uint8Array<ArrayBuffer>,
  options: { readonly where?: string } = {},
): Promise<Checkpoint> {
  return decodeFile(KIND, bytes, options, (fields, tensors) => checked({ ...fields, tensors }));
}

function checked(given: unknown): Checkpoint {
  const kind = (given as Partial<Checkpoint> | null)?.kind;
  if (kind !== "session" && kind !== "program") {
    throw new HoneError("BadArgument", "checkpoint", "it is none. Give what `checkpoint()` gave.");
  }
  return checkedCheckpoint(given, kind);
}
