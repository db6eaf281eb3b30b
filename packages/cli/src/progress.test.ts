import type { Progress } from "@hone/core";
import { expect, test } from "vitest";
import { durationText, watchDownload, watchTraining } from "./progress.js";
import type { Terminal } from "./terminal.js";

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

const record = (step: number): Progress => ({
  kind: "progress",
  epoch: 1,
  epochs: 2,
  step,
  steps: 100,
  losses: Float32Array.of(1, 2),
  figures: { loss: 1.5, acc: 0.5 },
  accuracy: 0.5,
  imagesPerSecond: 1234.5,
  secondsLeft: 61,
});

test("without a terminal there is at most one line in ten seconds, and one an epoch", () => {
  const { terminal, lines } = fakeTerminal(false);
  let nowMs = 0;
  const view = watchTraining(terminal, "cnn", () => nowMs);
  for (let step = 1; step <= 100; step++) {
    nowMs += 250;
    view.step(record(step));
  }
  expect(lines).toEqual([
    "cnn  epoch 1/2  step 40/100  loss 1.5000  accuracy 50.00 %  1,235 img/s  1:01 left",
    "cnn  epoch 1/2  step 80/100  loss 1.5000  accuracy 50.00 %  1,235 img/s  1:01 left",
  ]);
  view.epoch({
    kind: "epoch-end",
    epoch: 1,
    epochs: 2,
    figures: { loss: 0.25, val_loss: 0.5 },
    loss: 0.25,
    accuracy: Number.NaN,
    validationLoss: 0.5,
    rows: 60_000,
    seconds: 4.2,
    imagesPerSecond: 14285.7,
  });
  expect(lines[2]).toBe("cnn  epoch 1/2  loss 0.2500  validation loss 0.5000  4.2 s  14,286 img/s");
});

test("a terminal sees a bar, from the first steps on and ten times a second", () => {
  const { terminal, lines, shown } = fakeTerminal(true);
  let nowMs = 0;
  const view = watchTraining(terminal, "cnn", () => nowMs);
  view.step(record(2));
  expect(shown).toHaveLength(1);
  for (let step = 3; step <= 52; step++) {
    nowMs += 20;
    view.step(record(step));
  }
  expect(shown).toHaveLength(11);
  expect(shown.at(-1)).toBe(
    "cnn  epoch 1/2  ━━━━╌╌╌╌  loss 1.5000  accuracy 50.00 %  1,235 img/s  1:01 left",
  );
  expect(lines).toEqual([]);
});

test("figures are shown by name, on a live line as many as fit beside the bar", () => {
  const figures = { loss: 1.5, age_loss: 0.25, kind_loss: 1.25, age_mae: 12_345.5, kind_acc: 0.5 };
  const several = { ...record(2), figures, accuracy: Number.NaN };
  const live = fakeTerminal(true);
  watchTraining(live.terminal, "cnn", () => 0).step(several);
  expect(live.shown).toEqual([
    "cnn  epoch 1/2  ╌╌╌╌╌╌╌╌╌  loss 1.5000  age_loss 0.2500  1,235 img/s  1:01 left",
  ]);
  const plain = fakeTerminal(false);
  let nowMs = 0;
  const view = watchTraining(plain.terminal, "cnn", () => nowMs);
  nowMs = 20_000;
  view.step(several);
  expect(plain.lines[0]).toContain(
    "loss 1.5000  age_loss 0.2500  kind_loss 1.2500  age_mae 12,346  kind_acc 50.00 %  1,235 img/s",
  );
});

test("a download is one line a file where there is no terminal", () => {
  const { terminal, lines } = fakeTerminal(false);
  const progress = watchDownload(terminal, () => 0);
  for (const receivedBytes of [1e6, 2e6, 9.9e6]) {
    progress({ file: "mnist/a.gz", receivedBytes, totalBytes: 9.9e6 });
  }
  progress({ file: "mnist/b.gz", receivedBytes: 1, totalBytes: 100_000 });
  expect(lines).toEqual(["downloading mnist/a.gz (9.9 MB)", "downloading mnist/b.gz (0.1 MB)"]);
});

test("durations are minutes and seconds, with hours when there are any", () => {
  expect([0, 6.1, 754, 3723, Number.NaN].map(durationText)).toEqual([
    "0:00",
    "0:07",
    "12:34",
    "1:02:03",
    "–",
  ]);
});
