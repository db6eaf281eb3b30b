/** Whether what a process printed is a row's outcome: others write such processes too. */
import type { RowOutcome } from "./row.js";

type Check = (value: unknown) => boolean;
type Fields = Readonly<Record<string, unknown>>;

const isText: Check = (value) => typeof value === "string";
const isAmount: Check = (value) => Number.isFinite(value) && (value as number) >= 0;
const isShare: Check = (value) => isAmount(value) && (value as number) <= 1;
/** Null stands for NaN: a model need not have an accuracy. */
const isShareOrNone: Check = (value) => value === null || isShare(value);
const isRate: Check = (value) => isAmount(value) && (value as number) > 0;

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

/** Those of `optional` may be lacking. */
const fields =
  (checks: Readonly<Record<string, Check>>, optional: Readonly<Record<string, Check>> = {}) =>
  (value: unknown): value is Fields =>
    isObject(value) &&
    Object.entries(checks).every(([name, check]) => check(value[name])) &&
    Object.entries(optional).every(
      ([name, check]) => value[name] === undefined || check(value[name]),
    );

const isRound = fields(
  { imagesPerSecond: isRate },
  {
    step: fields({
      p50Ms: isAmount,
      p95Ms: isAmount,
      samples: isAmount,
      stepsPerSample: isAmount,
    }),
    firstStep: fields({
      openMs: isAmount,
      compileMs: isAmount,
      stepMs: isAmount,
      totalMs: isAmount,
    }),
    epochSeconds: listOf(isAmount),
    evaluations: listOf(fields({ epochs: isAmount, seconds: isAmount, accuracy: isShareOrNone })),
    timesToAccuracy: listOf(
      fields({ accuracy: isShare, seconds: (value) => value === null || isAmount(value) }),
    ),
    finalAccuracy: isShareOrNone,
    deviceBytes: isAmount,
    processBytes: isAmount,
    othersShare: isAmount,
  },
);

const isMeasured = fields({
  verified: isText,
  rounds: (value) => Array.isArray(value) && value.length > 0 && value.every(isRound),
});
const isRefused = fields({ reason: isText }, { hint: isText });
const isDevice = fields(
  { description: isText },
  { backend: isText, kind: isText, numerics: isText, threads: isAmount },
);

/** True for a whole outcome: one that was measured has figures, and any other a reason. */
export function isRowOutcome(value: unknown): value is RowOutcome {
  if (!isObject(value)) return false;
  const { outcome, device } = value;
  if (device !== undefined && !isDevice(device)) return false;
  if (outcome === "measured") return isMeasured(value);
  return ["wrong", "failed", "cannot"].some((word) => word === outcome) && isRefused(value);
}
