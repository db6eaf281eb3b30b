/** `--checkpoint`, `--resume` and `--every`. */
import { type Arguments, misuse, type OptionSpec } from "./arguments.js";
import type { Command } from "./command.js";

export const checkpointOptions: readonly OptionSpec[] = [
  {
    name: "checkpoint",
    value: "DIR",
    help: "keep checkpoints here while it trains, the last three",
  },
  {
    name: "every",
    value: "TIME",
    help: "time between two: 30s, 5m, 500ms (default 30s; more where saving takes long)",
  },
  {
    name: "resume",
    value: "DIR",
    help: "go on with the run whose checkpoints are here, with its options",
  },
];

const unitsMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of `--every`; undefined where it is not given. @throws BadArgument */
export function readEvery(command: Command, { options }: Arguments): number | undefined {
  const text = options.get("every");
  if (text === undefined) return undefined;
  if (!options.has("checkpoint") && !options.has("resume")) {
    throw misuse(command, "--every goes with --checkpoint or --resume");
  }
  const [, amount, unit] = /^(\d+\.?\d*|\.\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const milliseconds = Number(amount) * (unitsMs[unit as keyof typeof unitsMs] ?? Number.NaN);
  if (milliseconds > 0) return milliseconds;
  throw misuse(command, `--every is '${text}'. Give a time, as 30s, 5m or 500ms`);
}
