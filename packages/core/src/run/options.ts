/** Options are checked everywhere; what is below this folder does so too. */
export * from "../options.js";
