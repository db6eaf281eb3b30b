/**
 * The optimizers, for pages that have no tfjs. An entry of its own: bundlers put what is also loaded late into the part that
 * an entry loads at once.
 */
export * from "./graph/optimizer.js";
