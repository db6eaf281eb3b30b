/**
 * The WGSL that kernels of all kinds are put together from. One object, so that it is one piece of a page's bundle,
 * though no kernel needs all of it.
 */
import each from "./library/each.wgsl";
import fill from "./library/fill.wgsl";
import number from "./library/number.wgsl";
import step from "./library/step.wgsl";
import storeRows from "./library/store-rows.wgsl";
import sumParts from "./library/sum-parts.wgsl";

export const library = { each, fill, number, step, storeRows, sumParts };
