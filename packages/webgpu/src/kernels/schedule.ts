/** The step's settings, and what moves slowly after them. */
import { sizeOf } from "@hone/core/kernels";
import assignMovingAverage from "./assign-moving-average.wgsl";
import { input, type Kernel, type Kernels, numberOf, output, overElements } from "./kernel.js";
import { library } from "./library.js";
import readSchedule from "./read-schedule.wgsl";

const readScheduleKernel: Kernel = (call) => {
  const [schedule, epochStart, result] = [input(call, 0), input(call, 1), output(call)];
  return overElements(sizeOf(result.shape), {
    sources: [readSchedule, library.number],
    constants: { ROWS: schedule.shape[0] ?? 0 },
    read: { schedule, epoch_start: epochStart },
    write: { result },
    usesStep: true,
  });
};

const assignMovingAverageKernel: Kernel = (call) => {
  const [average, value] = [input(call, 0), input(call, 1)];
  const decay = numberOf(call, "decay");
  return overElements(sizeOf(average.shape), {
    sources: [assignMovingAverage],
    constants: { DECAY: decay, REST: 1 - decay },
    read: { value },
    write: { average },
  });
};

export const schedules: Kernels = {
  ReadSchedule: readScheduleKernel,
  AssignMovingAverage: assignMovingAverageKernel,
};
