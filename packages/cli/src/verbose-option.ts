/** The option of commands that say little unless asked for more. */
import type { OptionSpec } from "./arguments.js";

export const verboseOption: OptionSpec = {
  name: "verbose",
  help: "say all: why this backend, every epoch, the curve, the confusion matrix",
};
