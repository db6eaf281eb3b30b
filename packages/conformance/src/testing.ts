/** For tests of what runs on backends: backends that are wrong on purpose. */
export { type Alteration, alteredBackend } from "./altered-backend.js";
