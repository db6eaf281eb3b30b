/** What `hone bench --kernels` measured, as text. */
import { type Alignment, alignColumns, numberText, percentText } from "@hone/report";
import type { CalibrationReport, CallReport, KernelTimes } from "./kernel-timing.js";

const columns: readonly {
  readonly head: string;
  readonly alignment: Alignment;
  readonly cell: (call: CallReport) => string;
}[] = [
  { head: "op", alignment: "left", cell: ({ op }) => op },
  { head: "layer", alignment: "left", cell: ({ layer }) => layer ?? "" },
  { head: "result", alignment: "left", cell: ({ shape }) => `[${shape}]` },
  {
    head: "µs/step",
    alignment: "right",
    cell: ({ microsecondsPerStep }) => microsecondsPerStep.toFixed(1),
  },
  {
    head: "µs/image",
    alignment: "right",
    cell: ({ microsecondsPerImage }) => microsecondsPerImage.toFixed(3),
  },
  {
    head: "GFLOP/s",
    alignment: "right",
    cell: ({ gflopsPerSecond }) => gflopsPerSecond?.toFixed(2) ?? "–",
  },
  { head: "share", alignment: "right", cell: ({ share }) => percentText(share) },
  {
    head: "of calibration",
    alignment: "right",
    cell: ({ ofCalibration }) => ofCalibration?.toFixed(3) ?? "–",
  },
  { head: "kernels, µs", alignment: "left", cell: kernelsText },
];

/** One line a call; then the step as a whole, and the calibration. */
export function kernelTable(times: KernelTimes): string {
  const table = alignColumns(
    [
      columns.map(({ head }) => head),
      ...times.calls.map((call) => columns.map(({ cell }) => cell(call))),
    ],
    columns.map(({ alignment }) => alignment),
    { keys: 3 },
  );
  return [table, "", stepLine(times), calibrationLine(times.calibration)].join("\n");
}

function kernelsText({ kernels }: CallReport): string {
  return kernels
    .map(({ kernel, microseconds }) => `${kernel} ${microseconds.toFixed(1)}`)
    .join(" + ");
}

function stepLine(times: KernelTimes): string {
  const { microsecondsPerStep, imagesPerSecond, flops, gflopsPerSecond } = times;
  return `Total      ${numberText(Math.round(microsecondsPerStep))} µs a step, ${numberText(Math.round(imagesPerSecond))} images per second, ${(flops / 1e6).toFixed(1)} MFLOP at ${gflopsPerSecond.toFixed(2)} GFLOP/s`;
}

function calibrationLine({ product, min, median, max, ...rest }: CalibrationReport): string {
  const rounds = rest.gflopsPerSecond.map((figure) => figure.toFixed(2)).join(", ");
  return (
    `Machine    calibration ${product} at ${rounds} GFLOP/s in the rounds: ` +
    `min ${min.toFixed(2)}, median ${median.toFixed(2)}, max ${max.toFixed(2)}`
  );
}
