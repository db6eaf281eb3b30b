/** What training keeps beside its optimizer's own Map: norms, schedules and moving averages. */
import { numberAttribute } from "@hone/core/backend";
import {
  changedInput,
  floatInput,
  floatOutput,
  integerInput,
  type KernelFactory,
  type KernelTable,
} from "./kernel.js";

const globalNorm: KernelFactory = (call, views) => {
  const gradients = floatInput(call, views, 0);
  const norm = floatOutput(call, views);
  const size = gradients.length;
  return () => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum += (gradients[i] as number) * (gradients[i] as number);
    norm[0] = Math.sqrt(sum);
  };
};

/** A step outside of the schedule reads NaN, so that it cannot go unnoticed. */
const readSchedule: KernelFactory = (call, views) => {
  const schedule = floatInput(call, views, 0);
  const epochStart = integerInput(call, views, 1);
  const row = floatOutput(call, views);
  const columns = row.length;
  return (step) => {
    const start = (step - (epochStart[0] as number)) * columns;
    for (let i = 0; i < columns; i++) row[i] = schedule[start + i] ?? Number.NaN;
  };
};

const assignMovingAverage: KernelFactory = (call, views) => {
  const average = changedInput(call, views, 0, 0);
  const value = floatInput(call, views, 1);
  const decay = numberAttribute(call, "decay");
  const size = average.length;
  return () => {
    for (let i = 0; i < size; i++) {
      average[i] = decay * (average[i] as number) + (1 - decay) * (value[i] as number);
    }
  };
};

export const learningKernels: KernelTable = {
  GlobalNorm: globalNorm,
  ReadSchedule: readSchedule,
  AssignMovingAverage: assignMovingAverage,
};
