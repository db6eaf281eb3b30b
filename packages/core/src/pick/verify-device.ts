/** Tries a device on problems whose answers are known. */
import { deviceFault } from "../adapter/nonsense.js";
import type { Device } from "../backend.js";
import { HoneError } from "../errors.js";
import { missing } from "../plan/fuse.js";
import { checkOptions, type Option } from "../run/options.js";
import { messageOf } from "../value-text.js";
import type { KnownAnswer } from "./digest.js";
import { judge } from "./judge.js";
import { patienceOf } from "./patience.js";
import { type Problem, problems } from "./problems.js";
import { prepareProblem, solve } from "./solve.js";

export type Verdict =
  | {
      readonly ok: true;
      /** What it was tried on. */
      readonly problems: readonly string[];
    }
  | { readonly ok: false; readonly reason: string };

export interface VerifyOptions {
  /**
   * Ops that matter: only problems that use them are tried, each at least once. All problems that the
   * device has the ops for, unless given.
   */
  readonly ops?: readonly string[];
  /** Milliseconds to wait for any one answer, 5000 unless given; for `load` four times that. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 5000;

/**
 * Trains small networks, one for each family of ops, and compares losses, gradients, weights and
 * predictions with answers made in 64 bits: every weight must move, and be right. What a device cannot
 * train it only predicts. Never throws for what a device does.
 * @throws BadArgument for what is no device, and for unknown options
 */
export async function verifyDevice(device: Device, options: VerifyOptions = {}): Promise<Verdict> {
  checkVerifying(device, options);
  const fault = deviceFault(device);
  if (fault !== undefined) return { ok: false, reason: fault };
  const { backend } = device.info;
  const patience = patienceOf(backend, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const possible = problems.filter(
    (problem) => missing(prepareProblem(problem).prediction, device.target.ops).length === 0,
  );
  const chosen = covering(possible, options.ops);
  const answers = await loadAnswers().catch((error: unknown) => messageOf(error));
  if (typeof answers === "string") {
    return { ok: false, reason: `the known answers do not load (${answers})` };
  }
  for (const problem of chosen) {
    let wrong: string | undefined;
    try {
      const solution = await solve(device, problem, patience);
      wrong = judge(solution, answerOf(problem, answers));
    } catch (error) {
      wrong = messageOf(error);
    }
    if (wrong !== undefined) return { ok: false, reason: `tried on ${problem.name}: ${wrong}` };
  }
  return { ok: true, problems: chosen.map(({ name }) => name) };
}

/** A file of its own, so that who never picks a device does not load it. */
async function loadAnswers(): Promise<readonly KnownAnswer[]> {
  return (await import("./known-answers.js")).knownAnswers;
}

function answerOf({ name }: Problem, answers: readonly KnownAnswer[]): KnownAnswer {
  return answers.find(({ problem }) => problem === name) as KnownAnswer;
}

const OPTIONS: Readonly<Record<keyof VerifyOptions, Option>> = {
  ops: { is: Array.isArray, wanted: "a list of ops" },
  timeoutMs: {
    is: (value) => typeof value === "number" && value > 0,
    wanted: "milliseconds above 0",
  },
};

function checkVerifying(device: Device, options: VerifyOptions): void {
  if (typeof (device as Partial<Device> | undefined | null)?.load !== "function") {
    const what =
      "it is given no device. Give what `fastest`, `pickFastest` or a backend's `open` gives.";
    throw new HoneError("BadArgument", "verifyDevice", what);
  }
  checkOptions("verifyDevice", options, OPTIONS);
}

/** The fewest problems, about, that use each of `ops` that any uses. */
function covering(
  possible: readonly Problem[],
  ops: readonly string[] | undefined,
): readonly Problem[] {
  if (ops === undefined) return possible;
  const wanted = new Set(ops);
  const chosen: Problem[] = [];
  for (;;) {
    const gains = possible.map((problem) => {
      const used = opsOf(problem);
      return { problem, used, gain: [...wanted].filter((op) => used.has(op)).length };
    });
    const best = gains.reduce((a, b) => (b.gain > a.gain ? b : a), gains[0] ?? noGain);
    if (best.gain === 0) return chosen;
    chosen.push(best.problem as Problem);
    for (const op of best.used) wanted.delete(op);
  }
}

const noGain = { problem: undefined, used: new Set<string>(), gain: 0 };

function opsOf(problem: Problem): ReadonlySet<string> {
  const { training, prediction } = prepareProblem(problem);
  return new Set([...training.nodes, ...prediction.nodes].map(({ op }) => op));
}
