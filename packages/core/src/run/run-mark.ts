/** The training that a checkpoint was in the middle of, as a mark to go on from. */
import type { SavedTensor, SessionCheckpoint } from "./checkpoint.js";
import { type StateTensors, SUMS } from "./checkpoint-tensors.js";
import type { FigureSumsState } from "./figure-sums.js";
import type { RunMark, RunOptions } from "./training-run.js";

export function runMarkOf({ training, tensors }: SessionCheckpoint): RunMark | undefined {
  if (training === undefined) return undefined;
  const { options, pass, sumsRows, stopping, ...others } = training;
  const sums: FigureSumsState | undefined =
    sumsRows === undefined
      ? undefined
      : { rows: sumsRows, sums: Float64Array.from(tensors[SUMS]?.data ?? []) };
  return {
    ...others,
    options: options as RunOptions,
    pass,
    sums,
    stopping,
    best: tensorsUnder(tensors, "best/"),
    start: tensorsUnder(tensors, "start/"),
  };
}

/** The tensors of a checkpoint under a prefix, without it. */
function tensorsUnder(
  tensors: Readonly<Record<string, SavedTensor>>,
  prefix: string,
): StateTensors | undefined {
  const found = Object.entries(tensors).flatMap(([name, { data }]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), data] as const] : [],
  );
  return found.length > 0 ? new Map(found) : undefined;
}
