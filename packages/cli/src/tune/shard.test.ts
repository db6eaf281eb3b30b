import { expect, test } from "vitest";
import { readShard } from "./shard.js";

const slurm = (task: number, first: number, step: number, count: number) => ({
  SLURM_ARRAY_TASK_ID: `${task}`,
  SLURM_ARRAY_TASK_MIN: `${first}`,
  SLURM_ARRAY_TASK_MAX: `${first + step * (count - 1)}`,
  SLURM_ARRAY_TASK_STEP: `${step}`,
  SLURM_ARRAY_TASK_COUNT: `${count}`,
});

test("K/N is taken as it stands, whatever the cluster says", () => {
  expect(readShard("2/4", { JOB_COMPLETION_INDEX: "0" })).toEqual({ index: 2, count: 4 });
});

test.each([
  "0/4",
  "5/4",
  "1",
  "1/0",
  "a/4",
  "1/4/2",
  "/4",
  "1/",
  "-1/4",
  "1.5/4",
  "auto/0",
  "auto/x",
])("'%s' is refused", (text) => {
  expect(() => readShard(text, { JOB_COMPLETION_INDEX: "0" })).toThrow(
    `--shard is '${text}'. Give K/N`,
  );
});

test("auto/N counts a Kubernetes index from 0", () => {
  expect(readShard("auto/4", { JOB_COMPLETION_INDEX: "0" })).toEqual({ index: 1, count: 4 });
  expect(readShard("auto/4", { JOB_COMPLETION_INDEX: "3" })).toEqual({ index: 4, count: 4 });
  expect(() => readShard("auto/4", { JOB_COMPLETION_INDEX: "4" })).toThrow(/from 0 to 3/);
  expect(() => readShard("auto/4", { JOB_COMPLETION_INDEX: "" })).toThrow(/INDEX is ''/);
  expect(() => readShard("auto", { JOB_COMPLETION_INDEX: "1" })).toThrow(/Give auto\/N/);
});

test("auto counts a Slurm array off from its first task, by its step", () => {
  expect(readShard("auto", slurm(0, 0, 1, 4))).toEqual({ index: 1, count: 4 });
  expect(readShard("auto", slurm(4, 1, 1, 4))).toEqual({ index: 4, count: 4 });
  expect(readShard("auto", slurm(7, 1, 3, 4))).toEqual({ index: 3, count: 4 });
  expect(readShard("auto/4", slurm(2, 1, 1, 4))).toEqual({ index: 2, count: 4 });
});

test("a part of an array, or one with gaps, is refused: its tasks cannot be counted off", () => {
  expect(() => readShard("auto/4", slurm(3, 3, 1, 1))).toThrow(/array has 1 tasks/);
  expect(() => readShard("auto", slurm(6, 1, 1, 4))).toThrow(/task 6 .* cannot be counted off/);
  expect(() => readShard("auto", slurm(2, 1, 3, 4))).toThrow(/cannot be counted off/);
});

test("a variable that is missing or no number is named", () => {
  const { SLURM_ARRAY_TASK_COUNT: _, ...uncounted } = slurm(1, 1, 1, 4);
  expect(() => readShard("auto", uncounted)).toThrow(/SLURM_ARRAY_TASK_COUNT is not set/);
  expect(() => readShard("auto", { ...slurm(1, 1, 1, 4), SLURM_ARRAY_TASK_MIN: "x" })).toThrow(
    /SLURM_ARRAY_TASK_MIN is 'x'/,
  );
  expect(() => readShard("auto", {})).toThrow(/neither JOB_COMPLETION_INDEX/);
  expect(() => readShard("auto", { ...slurm(1, 1, 1, 4), JOB_COMPLETION_INDEX: "0" })).toThrow(
    /both JOB_COMPLETION_INDEX and SLURM_ARRAY_TASK_ID/,
  );
});
