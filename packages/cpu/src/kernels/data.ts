/** Rows of a data set in, and a step's figures out. */
import { HoneError, numberAttribute, shapeOfInput, shapeOfOutput } from "@hone/core/backend";
import {
  changedInput,
  input,
  integerInput,
  type KernelFactory,
  type KernelTable,
  output,
} from "./kernel.js";

const NO_ORDER = new Int32Array(0);

const gatherRows: KernelFactory = (call, views) => {
  const column = input(call, views, 0);
  const y = output(call, views);
  const ordered = call.inputs.length > 1;
  const order = ordered ? integerInput(call, views, 1) : NO_ORDER;
  const epochStart = ordered ? integerInput(call, views, 2) : NO_ORDER;
  const stride = numberAttribute(call, "stride");
  const integers = y instanceof Int32Array;
  const scale = integers ? 1 : numberAttribute(call, "scale");
  const offset = integers ? 0 : numberAttribute(call, "offset");
  const batch = shapeOfOutput(call)[0] as number;
  const rowLength = y.length / batch;
  const rows = column.length / rowLength;
  return (step) => {
    for (let r = 0; r < batch; r++) {
      const place = (ordered ? step - (epochStart[0] as number) : step) * stride + r;
      const row = ordered ? order[place] : place;
      if (row === undefined || !(row >= 0 && row < rows)) throw outOfRange(step, place, row, rows);
      const from = row * rowLength;
      const to = r * rowLength;
      for (let i = 0; i < rowLength; i++) y[to + i] = (column[from + i] as number) * scale + offset;
    }
  };
};

function outOfRange(step: number, place: number, row: number | undefined, rows: number): HoneError {
  const what =
    row === undefined
      ? `step ${step} asks for place ${place} of the order, which is shorter`
      : `step ${step} asks for row ${row} of a data set of ${rows} rows`;
  return new HoneError("BadArgument", "GatherRows", `${what}. Run fewer steps or write the order.`);
}

const recordStep: KernelFactory = (call, views) => {
  const ring = changedInput(call, views, 0, 0);
  const [length, width] = shapeOfInput(call, 0) as [number, number];
  const values = views.inputs.slice(1);
  return (step) => {
    let at = (step % length) * width;
    for (let index = 0; index < values.length; index++) {
      const value = values[index];
      if (value) ring.set(value, at);
      at += value?.length ?? 0;
    }
  };
};

export const dataKernels: KernelTable = { GatherRows: gatherRows, RecordStep: recordStep };
