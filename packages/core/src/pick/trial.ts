/** A device solves small problems whose answers are known. Loaded, answers and all, when a device is tried. */
import { deviceFault } from "../adapter/nonsense.js";
import type { Device } from "../backend.js";
import type { Graph } from "../graph/types.js";
import { missing } from "../plan/fuse.js";
import { inTurns } from "../turns.js";
import { messageOf } from "../value-text.js";
import type { KnownAnswer } from "./digest.js";
import { judge } from "./judge.js";
import { patienceOf } from "./patience.js";
import { type Problem, problems } from "./problems.js";
import { prepareProblem, solve } from "./solve.js";
import type { Verdict, VerifyOptions } from "./verdict.js";

const DEFAULT_TIMEOUT_MS = 5000;

/** Makes all that any device is tried on, while one opens. @throws when the answers do not load */
export async function readied(): Promise<void> {
  await Promise.all([loadAnswers(), predictions()]);
}

/** What each problem's device has to have, made with other work of the thread between them. */
async function predictions(): Promise<ReadonlyMap<Problem, Graph>> {
  const made = new Map<Problem, Graph>();
  const turn = inTurns();
  for (const problem of problems) {
    made.set(problem, prepareProblem(problem).prediction);
    await turn();
  }
  return made;
}

/**
 * Trains small networks, one for each family of ops, and compares losses, gradients, weights and
 * predictions with answers made in 64 bits: every weight must move, and be right. What a device cannot
 * train it only predicts. Never throws for what a device does.
 */
export async function tried(device: Device, options: VerifyOptions): Promise<Verdict> {
  const fault = deviceFault(device);
  if (fault !== undefined) return { ok: false, reason: fault };
  const { backend } = device.info;
  const patience = patienceOf(backend, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const possible = [...(await predictions())]
    .filter(([, prediction]) => missing(prediction, device.target.ops).length === 0)
    .map(([problem]) => problem);
  const chosen = covering(possible, options.ops);
  const answers = await loadAnswers().catch((error: unknown) => messageOf(error));
  if (typeof answers === "string") {
    return { ok: false, reason: `the known answers do not load (${answers})` };
  }
  const turn = inTurns();
  for (const problem of chosen) {
    let wrong: string | undefined;
    try {
      const solution = await solve(device, problem, patience);
      wrong = judge(solution, answerOf(problem, answers));
    } catch (error) {
      wrong = messageOf(error);
    }
    await turn();
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
