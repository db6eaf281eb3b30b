/** The schedules, for pages that have no tfjs: a way in of its own for the reason that optimizers.ts gives. */
export * from "./run/schedule-makers.js";
