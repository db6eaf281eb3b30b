/** Optimizers and moving averages, in place on flat views over all parameters at once. */
import { type Call, numberAttribute } from "@hone/core/backend";
import {
  changedInput,
  floatInput,
  floatOutput,
  integerInput,
  type KernelFactory,
  type KernelTable,
  type Views,
} from "./kernel.js";

/** Moments below this become 0: processors compute denormal numbers many times slower. */
const SMALLEST_MOMENT = 1e-30;
const SCHEDULE_WIDTH = 3;

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

/** What every optimizer reads: the schedule from input `index` on, and the norm when it clips. */
function settings(call: Call, views: Views, index: number) {
  const clipNorm = (call.attributes.clipNorm ?? 0) as number;
  return {
    schedule: floatInput(call, views, index),
    epochStart: integerInput(call, views, index + 1),
    clipNorm,
    norm: clipNorm > 0 ? floatInput(call, views, index + 2) : undefined,
  };
}

type Settings = ReturnType<typeof settings>;

/** Where the schedule's row for this step starts: learning rate, then two corrections. */
function scheduleRow({ epochStart }: Settings, step: number): number {
  return (step - (epochStart[0] as number)) * SCHEDULE_WIDTH;
}

function gradientScale({ clipNorm, norm }: Settings): number {
  const size = norm ? (norm[0] as number) : 0;
  return size > clipNorm ? clipNorm / size : 1;
}

const applySgd: KernelFactory = (call, views) => {
  const parameters = changedInput(call, views, 0, 0);
  const gradients = floatInput(call, views, 1);
  const shared = settings(call, views, 2);
  const size = parameters.length;
  return (step) => {
    const rate = (shared.schedule[scheduleRow(shared, step)] as number) * gradientScale(shared);
    for (let i = 0; i < size; i++) {
      parameters[i] = (parameters[i] as number) - rate * (gradients[i] as number);
    }
  };
};

const applyMomentum: KernelFactory = (call, views) => {
  const parameters = changedInput(call, views, 0, 0);
  const velocity = changedInput(call, views, 1, 2);
  const gradients = floatInput(call, views, 1);
  const shared = settings(call, views, 3);
  const momentum = numberAttribute(call, "momentum");
  const useNesterov = call.attributes.useNesterov === true;
  const size = parameters.length;
  return (step) => {
    const rate = shared.schedule[scheduleRow(shared, step)] as number;
    const scale = gradientScale(shared);
    for (let i = 0; i < size; i++) {
      const gradient = (gradients[i] as number) * scale;
      const next = momentum * (velocity[i] as number) + gradient;
      const move = useNesterov ? gradient + momentum * next : next;
      velocity[i] = next;
      parameters[i] = (parameters[i] as number) - rate * move;
    }
  };
};

/** Kingma and Ba, "Adam", 2015; the bias corrections 1/(1 − βᵗ) come with the schedule. */
const applyAdam: KernelFactory = (call, views) => {
  const parameters = changedInput(call, views, 0, 0);
  const firstMoments = changedInput(call, views, 1, 2);
  const secondMoments = changedInput(call, views, 2, 3);
  const gradients = floatInput(call, views, 1);
  const shared = settings(call, views, 4);
  const beta1 = numberAttribute(call, "beta1");
  const beta2 = numberAttribute(call, "beta2");
  const epsilon = numberAttribute(call, "epsilon");
  const size = parameters.length;
  return (step) => {
    const row = scheduleRow(shared, step);
    const rate = shared.schedule[row] as number;
    const correction1 = shared.schedule[row + 1] as number;
    const correction2 = shared.schedule[row + 2] as number;
    const scale = gradientScale(shared);
    for (let i = 0; i < size; i++) {
      const gradient = (gradients[i] as number) * scale;
      let m = beta1 * (firstMoments[i] as number) + (1 - beta1) * gradient;
      let v = beta2 * (secondMoments[i] as number) + (1 - beta2) * gradient * gradient;
      if (Math.abs(m) < SMALLEST_MOMENT) m = 0;
      if (v < SMALLEST_MOMENT) v = 0;
      firstMoments[i] = m;
      secondMoments[i] = v;
      const move = (m * correction1) / (Math.sqrt(v * correction2) + epsilon);
      parameters[i] = (parameters[i] as number) - rate * move;
    }
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

export const optimizerKernels: KernelTable = {
  GlobalNorm: globalNorm,
  ApplySgd: applySgd,
  ApplyMomentum: applyMomentum,
  ApplyAdam: applyAdam,
  AssignMovingAverage: assignMovingAverage,
};
