export { HoneError, isHoneError } from "./errors.js";
export { RandomStream, permutation } from "./random.js";
