import { visibleText } from "./visible-text.js";

/** The kinds of failure a user of Hone can meet and may want to tell apart. */
export type ErrorKind =
  | "BackendUnavailable"
  | "LacksOp"
  | "OutOfMemory"
  | "UnsupportedModel"
  | "ShapeMismatch"
  | "BadArgument"
  | "BadData"
  | "BadModelFile"
  | "DeviceLost"
  | "Diverged"
  | "Aborted"
  | "Internal";

/**
 * The one error class of the project.
 *
 * The message reads `[hone] <where>: <what, with both values>. <what to do>.` on one line; `kind`
 * survives a trip through a worker, where `instanceof` would not. Names in a message may come from
 * files of others: whatever could deceive a terminal or an eye is written out in it.
 */
export class HoneError extends Error {
  override readonly name = "HoneError";
  readonly kind: ErrorKind;

  constructor(kind: ErrorKind, where: string, what: string, options?: ErrorOptions) {
    const internal = kind === "Internal" ? "internal: " : "";
    // What others say, an engine of a text it cannot parse, comes in lines.
    const line = `[hone] ${where}: ${internal}${what}`.replace(/\s*\n\s*/g, " ");
    super(visibleText(line), options);
    this.kind = kind;
  }
}

/** Throws our own-bug error unless `condition` holds; never use it on what a user passed in. */
export function invariant(condition: unknown, where: string, what: string): asserts condition {
  if (!condition) throw new HoneError("Internal", where, `${what}. Please report this.`);
}

/** True for a Hone error of `kind`, also when it came from another copy of this module. */
export function isHoneError(error: unknown, kind?: ErrorKind): error is HoneError {
  return (
    error instanceof Error &&
    error.name === "HoneError" &&
    (kind === undefined || (error as HoneError).kind === kind)
  );
}
