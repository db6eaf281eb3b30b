/** Rows in other forms than one typed array, loaded with the first of them. */
export { flattened } from "./nested.js";
export { named } from "./rows-by-name.js";
