/** Ctrl-C: the first asks for a tidy end, the second ends at once. */
import process from "node:process";

/** What a shell expects of a program that was interrupted. */
export const interruptedExitCode = 130;

/** Longest a tidy end may take; whatever still computes is then left behind. */
const tidyMs = 850;

export interface Interrupt {
  readonly signal: AbortSignal;
  /** What to tell a person who interrupts now: what is kept, and where. */
  lastWords: string;
  /** Writes them, once. */
  sayLastWords(): void;
  /** Hands the signals back, unless one came: the next then still ends the process at once. */
  release(): void;
}

/** @param say writes the last words when there is no time for a tidy end */
export function catchInterrupt(say: (text: string) => void): Interrupt {
  const controller = new AbortController();
  let said = false;
  const sayLastWords = () => {
    if (!said) say(interrupt.lastWords);
    said = true;
  };
  const leave = () => {
    sayLastWords();
    process.exit(interruptedExitCode);
  };
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(interruptedExitCode);
    controller.abort(new Error("interrupted"));
    // Unref'd: alone it keeps nothing alive.
    setTimeout(leave, tidyMs).unref();
  };
  // A terminal that goes away sends SIGHUP. Node takes it even where nohup asked not to.
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  const interrupt: Interrupt = {
    signal: controller.signal,
    lastWords: "[hone] interrupted. Nothing was written.",
    sayLastWords,
    release() {
      if (controller.signal.aborted) return;
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
  return interrupt;
}
