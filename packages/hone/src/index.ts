/** All that an app needs, in one import: core's names, the models, the backends, data. */
export * from "@hone/core";
export * from "@hone/core/models";
export { backends } from "./backends.js";
export { type ChooseOptions, fastest, pickFastest } from "./choose.js";
export * from "./data.js";
