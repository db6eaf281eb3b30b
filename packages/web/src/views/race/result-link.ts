/** A race's results as a text for the page's address, and back. What comes from an address is a stranger's: only what is right is taken. */
import { CONTENDERS, HEATS, type Outcome, type Result } from "./heats.js";

export interface RaceRecord {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Browser and machine, as the browser tells of them. */
  readonly machine: string;
  readonly results: readonly Result[];
}

const FORMAT = 1;
const MOST_LETTERS = 300;

/** Short: indices for names, three digits for speeds. Reasons are cut; the JSON file has them whole. */
export function recordText({ atMs, machine, results }: RaceRecord): string {
  const rows = results.map(({ heat, contender, outcome }) => {
    const ids = [
      HEATS.findIndex(({ name }) => name === heat),
      CONTENDERS.findIndex(({ name }) => name === contender),
    ];
    return outcome.kind === "timed"
      ? [
          ...ids,
          Number(outcome.perSecond.toPrecision(3)),
          Number(outcome.error.toPrecision(1)),
          outcome.device.slice(0, 80),
        ]
      : [...ids, outcome.kind, outcome.reason.slice(0, 80)];
  });
  const bytes = new TextEncoder().encode(
    JSON.stringify([FORMAT, Math.round(atMs / 1000), machine.slice(0, 120), rows]),
  );
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** What an address holds; undefined where that is no record. */
export function readRecord(text: string | undefined): RaceRecord | undefined {
  if (text === undefined) return undefined;
  try {
    const packed = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(packed, (letter) => letter.charCodeAt(0));
    const [format, seconds, machine, rows] = JSON.parse(new TextDecoder().decode(bytes));
    if (format !== FORMAT || !Number.isFinite(seconds) || !isText(machine)) return undefined;
    if (!Array.isArray(rows) || rows.length > HEATS.length * CONTENDERS.length) return undefined;
    const results = rows.map(resultOf);
    if (results.some((result) => result === undefined)) return undefined;
    return { atMs: 1000 * seconds, machine, results: results as Result[] };
  } catch {
    return undefined;
  }
}

function resultOf(row: unknown): Result | undefined {
  if (!Array.isArray(row)) return undefined;
  const [heatAt, contenderAt, ...rest] = row as unknown[];
  const heat = HEATS[heatAt as number]?.name;
  const contender = CONTENDERS[contenderAt as number]?.name;
  const outcome = outcomeOf(rest);
  return heat && contender && outcome ? { heat, contender, outcome } : undefined;
}

function outcomeOf([first, second, third]: readonly unknown[]): Outcome | undefined {
  if (typeof first === "number" && first > 0 && Number.isFinite(first)) {
    if (typeof second !== "number" || !isText(third)) return undefined;
    return { kind: "timed", perSecond: first, error: second, device: third };
  }
  if ((first === "wrong" || first === "cannot") && isText(second))
    return { kind: first, reason: second };
  return undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= MOST_LETTERS;
}
