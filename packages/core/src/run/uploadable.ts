/** A data set on its way to a device. */
import type { Columns } from "../backend.js";
import { HoneError } from "../errors.js";
import { residentBuffer } from "../graph/feeds.js";
import { type Dataset, rowLength } from "./dataset.js";

/** A data set as a device takes it. */
export function uploadable({ columns }: Dataset): Columns {
  const entries = Object.entries(columns).map(([name, column]) => {
    return [residentBuffer(name), { data: column.data, rowLength: rowLength(column) }] as const;
  });
  return Object.fromEntries(entries);
}

/** The error for one that the device has no room for, also after others have left. */
export function withoutRoom({ name }: Dataset, columns: Columns, cause: HoneError): HoneError {
  const bytes = Object.values(columns).reduce((sum, { data }) => sum + data.byteLength, 0);
  const reason = cause.message.replace(/^\[hone\] /, "");
  const what = `the ${bytes} bytes of data set "${name}" do not fit on the device. Take fewer rows, or give \`fit\` a stream of shards: async function* () { … }. (${reason})`;
  return new HoneError("OutOfMemory", "session", what, { cause });
}
