/** The `hone` command: finds the command, runs it, and turns what goes wrong into one line. */
import process from "node:process";
import { isHoneError } from "@hone/core";
import { enableProdMode } from "@tensorflow/tfjs-core";
import { version } from "../package.json";
import { misuse, parseCommandLine } from "./arguments.js";
import type { Command } from "./command.js";
import { backendsCommand } from "./commands/backends.js";
import { benchCommand } from "./commands/bench.js";
import { benchRowCommand } from "./commands/bench-row.js";
import { dataCommands, dataMisuse } from "./commands/data.js";
import { evaluateCommand } from "./commands/evaluate.js";
import { exportCommand } from "./commands/export.js";
import { predictCommand } from "./commands/predict.js";
import { serveCommand } from "./commands/serve.js";
import { startCommand } from "./commands/start.js";
import { studyCommand } from "./commands/study.js";
import { trainCommand } from "./commands/train.js";
import { tuneCommand } from "./commands/tune.js";
import { tuneMergeCommand } from "./commands/tune-merge.js";
import { commandHelp, overview, welcome } from "./help.js";
import { catchInterrupt, type Interrupt, interruptedExitCode } from "./interrupt.js";
import { openTerminal, type Terminal } from "./terminal.js";

const commands: readonly Command[] = [
  trainCommand,
  evaluateCommand,
  predictCommand,
  exportCommand,
  backendsCommand,
  benchCommand,
  benchRowCommand,
  ...dataCommands,
  tuneCommand,
  tuneMergeCommand,
  startCommand,
  serveCommand,
  studyCommand,
];

/**
 * Runs `hone` with these words and gives its exit code: 0, 1 for an error (one `[hone]` line on
 * stderr), 130 when interrupted. Never throws.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const terminal = openTerminal();
  const interrupt = catchInterrupt((text) => terminal.say(text));
  try {
    // tfjs would greet on the first use of its cpu backend, and advise to install another.
    enableProdMode();
    await dispatch(argv, terminal, interrupt);
    await terminal.settle();
    return 0;
  } catch (error) {
    if (interrupt.signal.aborted) {
      interrupt.sayLastWords();
      return interruptedExitCode;
    }
    report(error, terminal);
    return 1;
  } finally {
    interrupt.release();
  }
}

async function dispatch(
  argv: readonly string[],
  terminal: Terminal,
  interrupt: Interrupt,
): Promise<void> {
  const [word, ...rest] = argv;
  if (word === "--version" || word === "-v") return terminal.print(version);
  if (word === "help" && rest.length > 0) {
    return dispatch([...rest, "--help"], terminal, interrupt);
  }
  if (word === undefined) return terminal.print(welcome(version));
  if (word === "--help" || word === "-h" || word === "help") {
    return terminal.print(overview(commands, version));
  }
  const isData = word === "data";
  const pair = `${word} ${rest[0] ?? ""}`;
  const isPair = isData || commands.some(({ name }) => name === pair);
  const name = isPair ? pair : word;
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    if (isData && (rest[0] === "--help" || rest[0] === "-h")) {
      return terminal.print(dataCommands.map(commandHelp).join("\n"));
    }
    throw isData ? dataMisuse(rest[0]) : unknownCommand(word);
  }
  const words = isPair ? rest.slice(1) : rest;
  if (words.includes("--help") || words.includes("-h")) return terminal.print(commandHelp(command));
  await command.run(parseCommandLine(command, words), { terminal, interrupt });
}

function unknownCommand(word: string) {
  const what = word.startsWith("-") ? `unknown option '${word}'` : `unknown command '${word}'`;
  return misuse({ name: "" }, what, [...commands.map(({ name }) => name), "--help", "--version"]);
}

function report(error: unknown, terminal: Terminal): void {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (isHoneError(error)) {
    terminal.say(error.message.replace(/\s*\n\s*/g, " "));
    if (process.env.HONE_DEBUG === "1") terminal.say(...stack.split("\n"));
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  terminal.say(
    `[hone] internal: ${message.replace(/\s*\n\s*/g, " ")} Please report this, with what HONE_DEBUG=1 shows.`,
  );
  if (process.env.HONE_DEBUG === "1") terminal.say(...stack.split("\n"));
}
