/** What every command is: a table for the command line, and what it does. */
import { DATASET_NAMES } from "@hone/data";
import type { Arguments, CommandSpec, OptionSpec } from "./arguments.js";
import { type BackendChoice, backendChoices } from "./devices.js";
import type { Interrupt } from "./interrupt.js";
import type { Terminal } from "./terminal.js";

export interface Surroundings {
  readonly terminal: Terminal;
  readonly interrupt: Interrupt;
}

export interface Command extends CommandSpec {
  /** Does the work; what goes wrong is thrown. */
  run(given: Arguments, surroundings: Surroundings): Promise<void>;
}

export const backendOption: OptionSpec = {
  name: "backend",
  value: "NAME",
  help: `${backendChoices.join(", ")} (default auto: the fastest here, by measuring)`,
};

export const threadsOption: OptionSpec = {
  name: "threads",
  value: "N",
  help: "threads of the wasm backend",
};

export const datasetOption: OptionSpec = {
  name: "dataset",
  value: "NAME",
  help: `${DATASET_NAMES.join(", ")} (all but the first two are synthetic and need no download), or a folder with four IDX files`,
};

export const defaultBackend: BackendChoice = "auto";
