/** Training and downloads as a person watches them: a bar on a terminal, sparse lines elsewhere. */
import type { EpochEnd, Figures, Progress } from "@hone/core";
import { figureLabel, isShare, numberText, percentText } from "@hone/report";
import type { Terminal } from "./terminal.js";

const widestBar = 24;
const narrowestBar = 6;
const liveMs = 100;
const plainMs = 10_000;

export interface ProgressView {
  step(record: Progress): void;
  epoch(record: EpochEnd, extra?: string): void;
  /** A stage without steps, such as an evaluation. */
  stage(text: string): void;
}

/** @param label what stands before each line, such as the model's name */
export function watchTraining(
  terminal: Terminal,
  label: string,
  now: () => number = () => performance.now(),
): ProgressView {
  let saidMs = now();
  return {
    step(record) {
      const due = now() - saidMs >= (terminal.live ? liveMs : plainMs);
      // The first steps of all are shown at once: they say that it runs, and how fast.
      if (!due && !(terminal.live && record.step === record.losses.length)) return;
      saidMs = now();
      if (terminal.live) terminal.show(liveLine(label, record, terminal.columns));
      else terminal.say(plainLine(label, record));
    },
    epoch(record, extra = "") {
      saidMs = now();
      terminal.say(epochLine(label, record) + extra);
    },
    stage(text) {
      terminal.show(`${label}  ${text}`);
    },
  };
}

/** Ends in what is most wanted, and gives the bar the room that is left. */
function liveLine(label: string, record: Progress, columns: number): string {
  const { epoch, epochs, step, steps } = record;
  const start = `${label}  epoch ${epoch}/${epochs}`;
  const roomBeside = (most: number) => columns - start.length - figures(record, most).length - 4;
  // Where there are more figures than the line has room for, the first are shown.
  let shown = Object.keys(record.figures).length;
  while (shown > 1 && roomBeside(shown) < narrowestBar) shown--;
  const [end, room] = [figures(record, shown), roomBeside(shown)];
  return `${start}  ${bar(step / steps, room)}  ${end}`;
}

function plainLine(label: string, record: Progress): string {
  const { epoch, epochs, step, steps } = record;
  return `${label}  epoch ${epoch}/${epochs}  step ${step}/${steps}  ${figures(record)}`;
}

/** @param most of loss and metrics; all unless given */
function figures(record: Progress, most = Number.POSITIVE_INFINITY): string {
  const { losses, imagesPerSecond, secondsLeft } = record;
  const told = { ...record.figures, loss: mean(losses) };
  return [
    ...figureTexts(told).slice(0, most),
    `${numberText(Math.round(imagesPerSecond))} img/s`,
    `${durationText(secondsLeft)} left`,
  ].join("  ");
}

function epochLine(label: string, record: EpochEnd): string {
  const { epoch, epochs, figures, seconds, imagesPerSecond } = record;
  return [
    label,
    `epoch ${epoch}/${epochs}`,
    ...figureTexts(figures),
    `${seconds.toFixed(1)} s`,
    `${numberText(Math.round(imagesPerSecond))} img/s`,
  ].join("  ");
}

/** Those that have a value, with as many digits as they keep from one line to the next. */
function figureTexts(figures: Figures): string[] {
  return Object.entries(figures)
    .filter(([, value]) => !Number.isNaN(value))
    .map(([name, value]) => {
      const steady = Math.abs(value) < 1e4 ? value.toFixed(4) : numberText(value);
      return `${figureLabel(name)} ${isShare(name) ? percentText(value) : steady}`;
    });
}

/** As wide as the room allows, within limits; `fraction` of it filled. */
export function bar(fraction: number, room: number): string {
  const width = Math.min(widestBar, Math.max(narrowestBar, room));
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return "━".repeat(filled) + "╌".repeat(width - filled);
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** `0:07`, `12:34`, `1:02:03`. */
export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  const whole = Math.max(0, Math.ceil(seconds));
  const two = (value: number) => `${value}`.padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const end = two(whole % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${end}` : `${minutes}:${end}`;
}

export interface DownloadedBytes {
  readonly file: string;
  readonly receivedBytes: number;
  readonly totalBytes: number;
}

/** Shows a download: a bar on a terminal, one line a file elsewhere. */
export function watchDownload(
  terminal: Terminal,
  now: () => number = () => performance.now(),
): (progress: DownloadedBytes) => void {
  let saidMs = Number.NEGATIVE_INFINITY;
  let file = "";
  return (progress) => {
    const { receivedBytes, totalBytes } = progress;
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    if (!terminal.live && progress.file !== file) {
      terminal.say(`downloading ${progress.file} (${megabytes(totalBytes)} MB)`);
    }
    file = progress.file;
    if (now() - saidMs < liveMs) return;
    saidMs = now();
    const done = `${bar(receivedBytes / totalBytes, widestBar)} ${megabytes(receivedBytes)}/${megabytes(totalBytes)} MB`;
    terminal.show(`${progress.file}  ${done}`);
  };
}
