import type { Progress } from "@hone/core";
import { type StudyRun, type StudyRunSettings, studyRunFormat } from "@hone/report";
import { expect, test } from "vitest";
import type { Terminal } from "../terminal.js";
import { multiplications, studyModel } from "./study-models.js";
import { Forecast, watchStudy } from "./study-progress.js";

function fakeTerminal(live: boolean) {
  const lines: string[] = [];
  const shown: string[] = [];
  const terminal: Terminal = {
    live,
    columns: 79,
    settle: async () => undefined,
    print: (text) => lines.push(text),
    say: (text) => lines.push(text),
    show: (text) => shown.push(text),
  };
  return { terminal, lines, shown };
}

const planned = (model: "cnn" | "cnn-tuned" | "mlp", seed: number): StudyRunSettings => ({
  model,
  network: studyModel(model).network,
  data: { name: "mnist", trainRows: 1000, testRows: 10, fingerprint: "0" },
  optimizer: "adam",
  learningRate: 1e-3,
  batchSize: 64,
  epochs: 2,
  seed,
});

const ended = (settings: StudyRunSettings, seconds: number): StudyRun => ({
  record: studyRunFormat,
  settings,
  outcome: { kind: "finished", predictions: { classes: "", confidence: "" } },
  epochs: [1, 2].map((epoch) => ({
    epoch,
    loss: 1,
    accuracy: 0.9,
    testLoss: 1,
    testAccuracy: 0.95,
    seconds: seconds / 2,
  })),
  steps: 32,
  time: { trainingSeconds: seconds, testingSeconds: 0, wallSeconds: seconds },
  device: { backend: "cpu", description: "", numerics: "", threads: 1 },
  version: "0",
});

const progress = (epoch: number, step: number, secondsLeft: number): Progress => ({
  kind: "progress",
  epoch,
  epochs: 2,
  step,
  steps: 16,
  losses: Float32Array.of(1),
  figures: { loss: 1, acc: 0.5 },
  accuracy: 0.5,
  imagesPerSecond: 1234.5,
  secondsLeft,
});

test("a model that has ended once takes as long again; others are guessed by their multiplications", () => {
  const [first, second, tuned] = [planned("cnn", 1), planned("cnn", 2), planned("cnn-tuned", 1)];
  const forecast = new Forecast([first, second, tuned], [ended(first, 10)]);
  const ratio = multiplications(tuned.network) / multiplications(first.network);
  const { secondsLeft, done } = forecast.during(second, progress(2, 8, 3));
  expect(secondsLeft).toBeCloseTo(3 + 10 * ratio, 6);
  expect(done).toBeCloseTo(1.75 / (2 + ratio), 6);
  // Once seen, a model's own time counts, not its family's.
  forecast.ended(ended(tuned, 1));
  expect(forecast.during(second, progress(2, 8, 3)).secondsLeft).toBeCloseTo(3, 6);
});

test("before any run has ended, the rest is guessed from the one under way", () => {
  const [first, second] = [planned("mlp", 1), planned("mlp", 2)];
  const forecast = new Forecast([first, second], []);
  // Half is left of the first, in 4 seconds; the second takes twice that.
  expect(forecast.during(first, progress(1, 16, 4)).secondsLeft).toBeCloseTo(12, 6);
});

test("without a terminal there is a line a run, and one in half a minute between", () => {
  const { terminal, lines } = fakeTerminal(false);
  let nowMs = 0;
  const [first, second] = [planned("mlp", 1), planned("mlp", 2)];
  const view = watchStudy(terminal, [first, second], [ended(first, 8)], () => nowMs);
  view.begin(second);
  for (let step = 1; step <= 16; step++) {
    nowMs += 4000;
    view.step(progress(1, step, 70 - 4 * step));
  }
  view.end(ended(second, 8));
  expect(lines).toEqual([
    "2/2  mnist mlp seed 2  epoch 1/2  1,235 img/s  0:38 left",
    "2/2  mnist mlp seed 2  epoch 1/2  1,235 img/s  0:06 left",
    "2/2  mnist mlp seed 2  test accuracy 95.00 %  8.0 s  250 img/s",
  ]);
});

test("a terminal sees one bar over all runs, within its width", () => {
  const { terminal, shown } = fakeTerminal(true);
  let nowMs = 0;
  const first = planned("cnn-tuned", 1);
  const view = watchStudy(terminal, [first], [], () => nowMs);
  view.begin(first);
  nowMs = 150;
  view.step(progress(2, 8, 65));
  expect(shown[0]).toBe("1/1  mnist cnn-tuned seed 1  compiling");
  expect(shown[1]).toMatch(
    /^1\/1 {2}mnist cnn-tuned seed 1 {2}━+╌+ {2}epoch 2\/2 {2}1,235 img\/s {2}1:05 left$/,
  );
  expect([...(shown[1] ?? "")].length).toBeLessThanOrEqual(79);
});

test("a run that diverged says so in its line", () => {
  const { terminal, lines } = fakeTerminal(false);
  const run = planned("mlp", 1);
  const view = watchStudy(terminal, [run], []);
  view.end({ ...ended(run, 1), outcome: { kind: "diverged", reason: "step 7: the loss is NaN." } });
  expect(lines).toEqual(["1/1  mnist mlp seed 1  diverged: step 7: the loss is NaN."]);
});
