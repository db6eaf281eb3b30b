/** For tests of what runs on backends: backends that are wrong on purpose, and devices that break. */
export { type Alteration, alteredBackend } from "./altered-backend.js";
export { type Breakable, type BreakWay, breakable } from "./breaking/breakable.js";
