/** What content delivery networks serve: everything but tfjs in one file, so that it needs no other address but tfjs's. */
export * from "./index.js";
