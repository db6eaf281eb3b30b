/** Where choices are kept unless somebody says: a page keeps them itself, any other place forgets them at its end. */
import { messageOf } from "../value-text.js";
import { type ChoiceStore, memoryStore } from "./choice-cache.js";
import { sayOnce } from "./words.js";

const memory = memoryStore();

/**
 * A page's `localStorage`; this process's memory in Node, in a worker (which has no `localStorage`), and where the page
 * may not keep anything, which is said once.
 */
export function defaultStore(): ChoiceStore {
  if (!("document" in globalThis)) return memory;
  try {
    // Blocked cookies, a sandboxed frame and a data: address make the mere name throw.
    return (globalThis as { readonly localStorage?: ChoiceStore }).localStorage ?? memory;
  } catch (error) {
    const what = `this page may not keep anything (${messageOf(error).replace(/\.$/, "")}), so the choice of a device lasts until it is left. Allow storage, or give a \`store\`, or \`store: false\`.`;
    sayOnce("store", what);
    return memory;
  }
}
