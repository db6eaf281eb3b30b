/**
 * Errors as plain data. Structured cloning alone would lose a HoneError's name, kind and, in some
 * engines, its cause.
 */
import { type ErrorKind, HoneError, isHoneError } from "../errors.js";

export type ErrorData =
  | {
      readonly type: "error";
      readonly name: string;
      readonly message: string;
      readonly stack?: string;
      readonly kind?: ErrorKind;
      readonly cause?: ErrorData;
    }
  | { readonly type: "value"; readonly value: string | number | boolean | null | undefined };

/** Causes of causes are kept to this depth; a cause may be its own cause. */
const deepestCause = 8;

/** Anything thrown, as data. Values that are neither errors nor primitives become their text. */
export function errorData(thrown: unknown, depth = 0): ErrorData {
  // A GPUError has a message and is no Error.
  const described = thrown as { readonly name?: unknown; readonly message?: unknown } | null;
  if (typeof thrown === "object" && typeof described?.message === "string") {
    const error = thrown as Error;
    return {
      type: "error",
      name:
        typeof described.name === "string"
          ? described.name
          : (thrown?.constructor?.name ?? "Error"),
      message: described.message,
      ...(typeof error.stack === "string" && { stack: error.stack }),
      ...(isHoneError(error) && { kind: error.kind }),
      ...(error.cause !== undefined &&
        depth < deepestCause && { cause: errorData(error.cause, depth + 1) }),
    };
  }
  switch (typeof thrown) {
    case "string":
    case "number":
    case "boolean":
    case "undefined":
      return { type: "value", value: thrown };
    default:
      return { type: "value", value: thrown === null ? null : String(thrown) };
  }
}

/** The error that `data` was made from: same name, message, kind, cause, and the worker's stack. */
export function errorFromData(data: ErrorData): unknown {
  if (data.type === "value") return data.value;
  const options = data.cause === undefined ? {} : { cause: errorFromData(data.cause) };
  const error =
    data.kind === undefined
      ? new Error(data.message, options)
      : new HoneError(data.kind, "", "", options);
  // Defined, not assigned: a HoneError's message already has its prefix, its constructor adds one.
  define(error, "message", data.message);
  if (error.name !== data.name) define(error, "name", data.name);
  if (data.stack !== undefined) define(error, "stack", data.stack);
  return error;
}

function define(error: Error, key: "message" | "name" | "stack", value: string): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true });
}
