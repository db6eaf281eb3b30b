/** Tiny entries whose results are known by heart. */
import type { Device, Entry, Executable } from "@hone/core/backend";
import { Formula, GraphBuilder, planEntry } from "@hone/core/internals";

export const LENGTH = 5;
export const SCHEDULE_ROWS = 64;

/** The counter after a step of `count`: counter -= row[step] of the schedule, for each element. */
export function countEntry(device: Device, name = "count"): Entry {
  const builder = new GraphBuilder();
  const counter = builder.persistent("counter", "metric", [LENGTH]);
  const mirror = builder.persistent("mirror", "metric", [LENGTH]);
  const schedule = builder.persistent("rates", "state", [SCHEDULE_ROWS, 3]);
  const start = builder.persistent("start", "state", [1], { dtype: "int32" });
  const settings = builder.op("ReadSchedule", [schedule, start]);
  const formula = new Formula();
  const attributes = formula.attributes([formula.input(0).minus(formula.element(1, 0))]);
  for (const counted of [counter, mirror]) {
    builder.inPlace("Map", [counted, settings], [counted], attributes);
  }
  return planEntry(name, builder.build(), device.target);
}

/** `negated` becomes -counter. */
export function negateEntry(device: Device, name = "negate", length = LENGTH): Entry {
  const builder = new GraphBuilder();
  const counter = builder.persistent("counter", "metric", [length]);
  builder.opInto("Neg", [counter], builder.persistent("negated", "metric", [length]));
  return planEntry(name, builder.build(), device.target);
}

/** `picked` becomes the rows of the column `toy.x` as they stand, from row 2·step on. */
export function pickEntry(device: Device, name = "pick"): Entry {
  const builder = new GraphBuilder();
  const column = builder.persistent("toy.x", "input", [3], { dtype: "uint8", resident: true });
  const picked = builder.persistent("picked", "metric", [2, 3]);
  builder.opInto("GatherRows", [column], picked, {
    stride: 2,
    scale: 1,
    offset: 0,
    shape: [2, 3],
    dtype: "float32",
  });
  return planEntry(name, builder.build(), device.target);
}

/** Row r of the schedule is r + 1: steps from 0 on take 1, 2, 3, … from the counter. */
export const risingRates = Float32Array.from({ length: SCHEDULE_ROWS * 3 }, (_, at) =>
  at % 3 === 0 ? at / 3 + 1 : 1,
);

/** Rows 0, 1, 2, … of a column for `pickEntry`: row r holds r + base in each place. */
export const toyColumn = (rows: number, base: number) => ({
  "toy.x": {
    data: Uint8Array.from({ length: rows * 3 }, (_, at) => Math.floor(at / 3) + base),
    rowLength: 3,
  },
});

/** Loads entries, hands the executable to `body`, and disposes it. */
export async function withLoaded<T>(
  device: Device,
  entries: readonly Entry[],
  body: (executable: Executable) => Promise<T>,
): Promise<T> {
  const executable = await device.load({ entries });
  try {
    return await body(executable);
  } finally {
    executable.dispose();
  }
}

/** A counting executable at 100, with rising rates. */
export async function withCounter<T>(
  device: Device,
  body: (executable: Executable) => Promise<T>,
): Promise<T> {
  return withLoaded(device, [countEntry(device), negateEntry(device)], (executable) => {
    executable.write("rates", risingRates);
    executable.write("counter", new Float32Array(LENGTH).fill(100));
    executable.write("mirror", new Float32Array(LENGTH).fill(100));
    return body(executable);
  });
}
