/** In which of the forms that rows come in something is. */

/** True for an array, and for a typed one. */
export function isList(value: unknown): value is ArrayLike<unknown> & { readonly length: number } {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** A plain object that is neither values with a shape nor a picture. */
export const isRecord = (given: unknown): given is Readonly<Record<string, never>> =>
  Object.prototype.toString.call(given) === "[object Object]" &&
  typeof (given as { readonly width?: unknown }).width !== "number" &&
  !("shape" in (given as object) && "data" in (given as object));
