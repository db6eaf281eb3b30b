/** Reading the files a command is given, or finds in its folders. */
import { type ErrorKind, HoneError } from "@hone/core";
import { readRegularFile, UnreadableFile } from "@hone/data";

export interface InputOptions {
  readonly kind: ErrorKind;
  /** What to do about a file that cannot be read, as a sentence. */
  readonly advice: string;
  /** Bytes; more is refused. */
  readonly longest?: number;
}

/** @throws an error of `kind`, naming the file, for what is not there, no regular file, or too long */
export async function readInput(file: string, options: InputOptions): Promise<Uint8Array> {
  const { kind, advice, longest } = options;
  try {
    return await readRegularFile(file, longest);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    throw new HoneError(kind, file, `${error.message}. ${advice}`, { cause: error });
  }
}

/** The same; undefined for a file that is not there. */
export async function readInputIfThere(
  file: string,
  options: InputOptions,
): Promise<Uint8Array | undefined> {
  try {
    return await readInput(file, options);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** An error of `readInput` about a file that is not there. */
export function isAbsent(error: unknown): boolean {
  return (
    error instanceof HoneError && error.cause instanceof UnreadableFile && error.cause.isAbsent
  );
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
