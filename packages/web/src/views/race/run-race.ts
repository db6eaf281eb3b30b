/** Sends one after another into the race, each in a worker of its own, which ends with it. */
import type { Answers, ContenderName, HeatName, Order, Outcome, Reply, Result } from "./heats.js";

/** Who has not come home by then is left behind. */
const LONGEST_MS = 90_000;

export interface RacePlan {
  readonly heats: readonly HeatName[];
  readonly contenders: readonly ContenderName[];
  readonly signal: AbortSignal;
  /** Before each run. @param done of `all` */
  readonly begins: (heat: HeatName, contender: ContenderName, done: number, all: number) => void;
  readonly result: (result: Result) => void;
}

/** @throws Error where the reference itself does not come; resolves early when the signal is given */
export async function runRace({
  heats,
  contenders,
  signal,
  begins,
  result,
}: RacePlan): Promise<void> {
  const all = heats.length * contenders.length;
  let done = 0;
  for (const heat of heats) {
    let answers: Answers | undefined;
    for (const contender of contenders) {
      if (signal.aborted) return;
      begins(heat, contender, done, all);
      answers ??= await answersTo(heat, signal);
      if (signal.aborted || answers === undefined) return;
      const outcome = await outcomeOf({ kind: "time", heat, contender, answers }, signal);
      if (outcome === undefined) return;
      result({ heat, contender, outcome });
      done++;
    }
  }
}

async function answersTo(heat: HeatName, signal: AbortSignal): Promise<Answers | undefined> {
  const reply = await ask({ kind: "answers", heat }, signal);
  if (reply === undefined || reply.kind === "answers") return reply?.answers;
  throw new Error(`The reference does not answer: ${reasonOf(reply.outcome)}.`);
}

async function outcomeOf(order: Order, signal: AbortSignal): Promise<Outcome | undefined> {
  const reply = await ask(order, signal);
  return reply?.kind === "outcome" ? reply.outcome : undefined;
}

function reasonOf(outcome: Outcome): string {
  return outcome.kind === "timed" ? "" : outcome.reason;
}

/** What a fresh worker says; undefined where the signal ended it. */
function ask(order: Order, signal: AbortSignal): Promise<Reply | undefined> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL("race-worker.js", document.baseURI), { type: "module" });
    const end = (reply: Reply | undefined) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      worker.terminate();
      resolve(reply);
    };
    const stop = () => end(undefined);
    const cannot = (reason: string) =>
      end({ kind: "outcome", outcome: { kind: "cannot", reason } });
    const timer = setTimeout(
      () => cannot(`it was not done after ${LONGEST_MS / 1000} s`),
      LONGEST_MS,
    );
    signal.addEventListener("abort", stop);
    worker.onmessage = ({ data }: MessageEvent<Reply>) => end(data);
    worker.onerror = (event) => {
      event.preventDefault();
      cannot(event.message || "its worker does not start");
    };
    worker.postMessage(order);
  });
}
