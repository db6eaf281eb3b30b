/**
 * The command line, read strictly: an option that is not known, a value that is missing or out of
 * range is an error that says what would be right, and nothing runs.
 */
import { parseArgs } from "node:util";
import { HoneError } from "@hone/core";

export interface OptionSpec {
  readonly name: string;
  /** What stands for its value in the help (`N`, `DIR`); an option without one is a switch. */
  readonly value?: string;
  readonly help: string;
}

export interface CommandSpec {
  /** As typed: `train`, `data fetch`. */
  readonly name: string;
  /** True for what only Hone itself calls: no overview lists it. */
  readonly hidden?: boolean;
  /** What follows the name in the usage line, beside the options. */
  readonly operands?: string;
  readonly summary: string;
  readonly description: string;
  readonly options: readonly OptionSpec[];
}

export interface Arguments {
  readonly options: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
}

export const helpOption: OptionSpec = { name: "help", help: "show this help" };

/** @throws BadArgument, naming the option or operand and the command's help. */
export function parseCommandLine(command: CommandSpec, argv: readonly string[]): Arguments {
  const specs = new Map([...command.options, helpOption].map((spec) => [spec.name, spec]));
  // Not strict: parseArgs would report "--epochs -1" as ambiguous, and its words would not be ours.
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      [...specs.values()].map(({ name, value }) => [
        name,
        { type: value === undefined ? ("boolean" as const) : ("string" as const) },
      ]),
    ),
  });
  const options = new Map<string, string>();
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "option") {
      const spec = specs.get(token.rawName.startsWith("--") ? token.name : "");
      if (spec === undefined) {
        throw misuse(command, `unknown option '${token.rawName}'`, [
          ...[...specs.keys()].map((name) => `--${name}`),
        ]);
      }
      options.set(spec.name, checkedValue(command, spec, token.value));
    } else if (token.kind === "positional") {
      if (command.operands === undefined) {
        throw misuse(command, `unexpected '${token.value}'`);
      }
      operands.push(token.value);
    }
  }
  return { options, operands };
}

function checkedValue(command: CommandSpec, spec: OptionSpec, value: string | undefined): string {
  if (spec.value === undefined) {
    if (value === undefined) return "";
    throw misuse(command, `'--${spec.name}' takes no value, and was given '${value}'`);
  }
  if (value === undefined || value === "" || value.startsWith("--")) {
    throw misuse(command, `'--${spec.name}' needs a value (${spec.value})`);
  }
  return value;
}

/** An error about how a command was called; suggests the known word nearest to the last one quoted. */
export function misuse(
  command: Pick<CommandSpec, "name">,
  what: string,
  known: readonly string[] = [],
): HoneError {
  const given = /'([^']*)'$/.exec(what)?.[1] ?? "";
  const near = nearest(given, known);
  const suggestion = near === undefined ? "" : ` Did you mean '${near}'?`;
  const program = command.name === "" ? "hone" : `hone ${command.name}`;
  return new HoneError("BadArgument", "cli", `${what}.${suggestion} Run "${program} --help".`);
}

/** The word at most a third of its letters away from `given`, or undefined. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const word of known) {
    const distance = editDistance(given.slice(0, 64), word);
    if (distance < least && distance <= Math.max(1, Math.floor(word.length / 3))) {
      best = word;
      least = distance;
    }
  }
  return best;
}

/** Letters to insert, drop, replace or swap with their neighbour to come from `a` to `b`. */
function editDistance(a: string, b: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swaps = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = swaps ? before[j - 2]! + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(replaced, swapped, row[j]! + 1, next[j - 1]! + 1));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}

export interface NumberRange {
  readonly least: number;
  readonly most?: number;
  /** `least` itself, and `most` itself, are left out. */
  readonly open?: "least" | "most";
  readonly whole?: boolean;
}

/**
 * The number given for an option, or undefined when it was not given.
 * @throws BadArgument with the value and the range.
 */
export function readNumber(
  { options }: Arguments,
  name: string,
  range: NumberRange,
): number | undefined {
  const text = options.get(name);
  if (text === undefined) return undefined;
  // Number() alone would take "", " 7", "0x10" and "Infinity".
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  const { least, most = Number.POSITIVE_INFINITY, open, whole = false } = range;
  const inRange =
    (open === "least" ? value > least : value >= least) &&
    (open === "most" ? value < most : value <= most);
  if (inRange && Number.isFinite(value) && (!whole || Number.isSafeInteger(value))) return value;
  throw new HoneError("BadArgument", "cli", `--${name} is '${text}'. Give ${describe(range)}.`);
}

function describe({ least, most, open, whole }: NumberRange): string {
  const kind = whole ? "a whole number" : "a number";
  const from = open === "least" ? `above ${least}` : `of at least ${least}`;
  if (most === undefined) return `${kind} ${from}`;
  if (open === "most") return `${kind} ${from} and below ${most}`;
  return `${kind} ${from} and at most ${most}`;
}

/** One of a few words, or undefined when the option was not given. @throws BadArgument, listing them. */
export function readChoice<Choice extends string>(
  { options }: Arguments,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = options.get(name);
  if (text === undefined) return undefined;
  const choice = choices.find((word) => word === text);
  if (choice !== undefined) return choice;
  const near = nearest(text, choices);
  const suggestion = near === undefined ? "" : `Did you mean '${near}'? `;
  throw new HoneError(
    "BadArgument",
    "cli",
    `--${name} is '${text}'. ${suggestion}Choose ${choices.join(", ")}.`,
  );
}
