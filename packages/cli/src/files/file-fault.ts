/** Why a file cannot be written, in words. */
import { type ErrorKind, HoneError } from "@hone/core";

/** The end of a sentence about a file: "it is a folder". */
export class FileFault extends Error {}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file would be larger than is allowed here",
  EMFILE: "too many files are open",
  ENOENT: "a folder of its path is not there, and cannot be made",
  ENOTDIR: "a part of its path is a file",
  EEXIST: "a part of its path is a file",
  ENAMETOOLONG: "the name is too long",
  EISDIR: "it is a folder",
  ELOOP: "it is a link that leads back to itself",
  ENXIO: "nobody reads it",
  EPIPE: "whoever read it is gone",
  EBADF: "it is not open for writing",
};

/** The system's error in words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return reasons[code ?? ""] ?? message;
}

/** A typed error that names the file; one that is typed already stays what it is. */
export function cannotWrite(file: string, cause: unknown): HoneError {
  if (cause instanceof HoneError) return cause;
  const kind: ErrorKind = "BadArgument";
  const what =
    cause instanceof FileFault
      ? `${cause.message}. Give the name of a file.`
      : `it cannot be written: ${reasonOf(cause)}. Give another place.`;
  return new HoneError(kind, file, what, { cause });
}
