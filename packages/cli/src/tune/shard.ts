/** Which share of a search this process takes: told, or read from what a cluster tells its processes. */
import { HoneError } from "@hone/core";

export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const mostShards = 100_000;

/**
 * Reads `K/N`, `auto/N` or `auto`. `auto` takes the index of a Kubernetes Indexed Job (JOB_COMPLETION_INDEX, from 0,
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/) or of a Slurm array (SLURM_ARRAY_TASK_ID and its
 * MIN, STEP and COUNT, https://slurm.schedmd.com/job_array.html).
 * @throws BadArgument saying which variable is missing or does not fit
 */
export function readShard(text: string, environment: Environment): Shard {
  const [head = "", tail, ...more] = text.split("/");
  const count = tail === undefined ? undefined : whole(tail);
  const isAuto = head === "auto";
  const index = isAuto ? undefined : whole(head);
  const malformed =
    more.length > 0 ||
    (tail !== undefined && (count === undefined || count < 1 || count > mostShards)) ||
    (!isAuto && (index === undefined || count === undefined || index < 1 || index > count));
  if (malformed) {
    throw bad(`is '${text}'. Give K/N with K from 1 to N (such as 1/4), auto/N or auto`);
  }
  if (!isAuto) return { index: index!, count: count! };
  return fromEnvironment(count, environment);
}

function fromEnvironment(count: number | undefined, environment: Environment): Shard {
  const { JOB_COMPLETION_INDEX: completion, SLURM_ARRAY_TASK_ID: task } = environment;
  if (completion !== undefined && task !== undefined) {
    throw bad("is auto, but both JOB_COMPLETION_INDEX and SLURM_ARRAY_TASK_ID are set. Give K/N");
  }
  if (completion !== undefined) return fromKubernetes(count, completion);
  if (task !== undefined) return fromSlurm(count, environment);
  throw bad(
    "is auto, but neither JOB_COMPLETION_INDEX (Kubernetes) nor SLURM_ARRAY_TASK_ID (Slurm) is set. Give K/N",
  );
}

function fromKubernetes(count: number | undefined, text: string): Shard {
  if (count === undefined) {
    throw bad(
      "is auto, but Kubernetes tells a pod its index and not how many there are. Give auto/N with the Job's completions",
    );
  }
  const index = whole(text);
  if (index === undefined || index >= count) {
    throw bad(
      `is auto/${count}, but JOB_COMPLETION_INDEX is '${text}'. It must be from 0 to ${count - 1}: give the Job's completions`,
    );
  }
  return { index: index + 1, count };
}

function fromSlurm(wanted: number | undefined, environment: Environment): Shard {
  const read = (name: string, missing?: number) => {
    const text = environment[name];
    const value = text === undefined ? missing : whole(text);
    if (value !== undefined) return value;
    const given = text === undefined ? "is not set" : `is '${text}'`;
    throw bad(`is auto, but ${name} ${given}. Give K/N`);
  };
  const task = read("SLURM_ARRAY_TASK_ID");
  const first = read("SLURM_ARRAY_TASK_MIN");
  const count = read("SLURM_ARRAY_TASK_COUNT");
  const step = Math.max(1, read("SLURM_ARRAY_TASK_STEP", 1));
  if (wanted !== undefined && wanted !== count) {
    throw bad(
      `is auto/${wanted}, but the Slurm array has ${count} tasks. Give K/N when only some are run again`,
    );
  }
  const turn = (task - first) / step;
  if (!Number.isInteger(turn) || turn < 0 || turn >= count) {
    throw bad(
      `is auto, but task ${task} of a Slurm array that starts at ${first} with step ${step} and has ${count} tasks cannot be counted off. Give K/N, or an array without gaps`,
    );
  }
  return { index: turn + 1, count };
}

function whole(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function bad(what: string): HoneError {
  return new HoneError("BadArgument", "cli", `--shard ${what}.`);
}
