/** The order in which they came in, and what it means in words. */
import { type ContenderName, contenderOf, type HeatName, type Result } from "./heats.js";

export interface Placed {
  readonly result: Result;
  /** Pictures a second; 0 where there is no time. */
  readonly perSecond: number;
  /** Of the fastest. */
  readonly share: number;
  /** Behind its name: against the fastest of the other maker, or why there is no time. */
  readonly words: string;
}

/** Of one heat, the fastest first, those without a time last. */
export function placed(results: readonly Result[], heat: HeatName): Placed[] {
  const own = results.filter((result) => result.heat === heat);
  const speed = ({ outcome }: Result) => (outcome.kind === "timed" ? outcome.perSecond : 0);
  const sorted = own.toSorted((a, b) => speed(b) - speed(a));
  const most = Math.max(0, ...sorted.map(speed));
  const rival = sorted.find(({ contender }) => contenderOf(contender).maker === "tfjs");
  return sorted.map((result) => ({
    result,
    perSecond: speed(result),
    share: most > 0 ? speed(result) / most : 0,
    words: wordsOf(result, rival && speed(rival) > 0 ? rival : undefined),
  }));
}

function wordsOf({ contender, outcome }: Result, rival: Result | undefined): string {
  if (outcome.kind === "wrong") return `no time: ${outcome.reason}`;
  if (outcome.kind === "cannot") return `cannot: ${outcome.reason}`;
  if (rival === undefined || rival.outcome.kind !== "timed") return "";
  if (rival.contender === contender) return "the fastest of tfjs";
  return ratioText(outcome.perSecond / rival.outcome.perSecond, rival.contender);
}

/** "3.1 times tfjs-webgpu", "a quarter … " is no number: below one it is a share in per cent. */
export function ratioText(ratio: number, of: ContenderName): string {
  if (ratio >= 9.95) return `${Math.round(ratio).toLocaleString("en")} times ${of}`;
  if (ratio >= 1) return `${ratio.toFixed(1)} times ${of}`;
  const share = ratio < 0.01 ? (100 * ratio).toFixed(1) : `${Math.round(100 * ratio)}`;
  return `${share} % of ${of}`;
}

/** The heat in one sentence; empty before both have a time. */
export function headline(results: readonly Result[], heat: HeatName): string {
  const all = placed(results, heat);
  const first = (maker: string) =>
    all.find(
      ({ result, perSecond }) => contenderOf(result.contender).maker === maker && perSecond > 0,
    );
  const [hone, tfjs] = [first("hone"), first("tfjs")];
  if (!hone || !tfjs) return "";
  const [ahead, behind] = hone.perSecond >= tfjs.perSecond ? [hone, tfjs] : [tfjs, hone];
  const ratio = ratioText(ahead.perSecond / behind.perSecond, behind.result.contender);
  return `${contenderOf(ahead.result.contender).title} does ${ratio}, the fastest of ${contenderOf(behind.result.contender).maker === "hone" ? "Hone" : "tfjs"} here.`;
}
