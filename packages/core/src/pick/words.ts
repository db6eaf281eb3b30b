/** How a choice is told: one sentence about the chosen, one about each other. */
import type { Backend } from "../backend.js";
import { HoneError } from "../errors.js";
import { type Candidate, timeText } from "./candidate.js";

export function refusal(name: string, reason: string, hint?: string): Candidate {
  const plain = reason.replace(/^\[hone\] /, "").replace(/\.$/, "");
  return { name, outcome: "refused", reason: plain, ...(hint === undefined ? {} : { hint }) };
}

export function sentence(start: string, lost: readonly Candidate[]): string {
  return [start, ...lost.map(explained)].join("; ");
}

function explained({ name, outcome, reason, hint }: Candidate): string {
  const help = outcome === "refused" && hint !== undefined ? ` (${hint.replace(/\.$/, "")})` : "";
  return `${name} ${outcome}: ${reason}${help}`;
}

export function noneWorks(
  where: string,
  backends: readonly Backend[],
  lost: readonly Candidate[],
): HoneError {
  const what = `none of ${backends.length} backends works here. ${lost.map(explained).join(". ")}.`;
  return new HoneError("BackendUnavailable", where, what);
}

export function noneReady(
  where: string,
  backends: readonly Backend[],
  budgetMs: number,
  lost: readonly Candidate[],
): HoneError {
  const late = `none of ${backends.length} backends was ready within ${timeText(budgetMs)}`;
  const what = `${late}. ${lost.map(explained).join(". ")}. Give more budgetMs, or leave it out.`;
  return new HoneError("BackendUnavailable", where, what);
}

/** What would help where plain JavaScript is all that is left of several, however quietly it would compute. */
export function slowHint(lost: readonly Candidate[]): string | undefined {
  const refused = lost.filter(({ outcome }) => outcome === "refused");
  if (refused.length === 0) return undefined;
  return `plain JavaScript computes here, many times slower than what cannot be used. ${refused.map(explained).join(". ")}.`;
}

const said = new Set<string>();

/** Once on the console of a process or page, however often it is met. */
export function sayOnce(where: string, what: string): void {
  const text = `[hone] ${where}: ${what}`;
  if (said.has(text)) return;
  said.add(text);
  console.warn(text);
}
