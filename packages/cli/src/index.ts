/** The command line as a module. */
export { main } from "./main.js";
