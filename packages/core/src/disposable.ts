/// <reference lib="esnext.disposable" preserve="true" />
/** `await using` for what has a `close`: pages of today may lack its symbol, and then nothing is added. */

/** @returns the same object, closed at the end of a block that declares it with `await using` */
export function disposable<Closable extends { close(): unknown }>(
  object: Closable,
): Closable & AsyncDisposable {
  const { asyncDispose } = Symbol as { readonly asyncDispose?: symbol };
  if (asyncDispose !== undefined) {
    const value = async () => {
      await object.close();
    };
    Object.defineProperty(object, asyncDispose, { value, configurable: true, writable: true });
  }
  return object as Closable & AsyncDisposable;
}
