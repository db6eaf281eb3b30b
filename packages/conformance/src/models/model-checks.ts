/** Whole models in training: the zoo and random ones, against the reference. */
import { type Check, expectNoFaults, expectThat } from "../check.js";
import { lossesOf, lossFault } from "./free-running.js";
import { randomModel } from "./random-model.js";
import { refusal } from "./refusal.js";
import { pictures, randomRows } from "./rows.js";
import { faultsOf, summaryOf, type TeacherForcedOptions, teacherForced } from "./teacher-forced.js";
import { MNIST_NAMES, traineeOf, zooTrainee, zooTraineeWithoutDropout } from "./trainee.js";
import type { Trainee, TrainerOptions, TrainingRows } from "./trainer.js";
import {
  ZOO_CASE_NAMES,
  type ZooCaseName,
  zooCaseModel,
  zooCaseRows,
  zooCaseTrainee,
} from "./zoo-cases.js";

/** How long the suite compares. */
export interface ModelCheckOptions {
  readonly soak: boolean;
  /** How many random models; 15, and 200 in the long form, unless given. */
  readonly randomModels?: number;
}

export function modelChecks({ soak, randomModels }: ModelCheckOptions): Check[] {
  const models = randomModels ?? (soak ? 200 : 15);
  return [
    ...MNIST_NAMES.map((name) => {
      const long = soak && (name === "cnn" || name === "mlp");
      return zooCheck(name, long ? { steps: 100, batch: 64 } : { steps: 3, batch: 8 });
    }),
    ...(soak ? ZOO_CASE_NAMES.map(zooCaseCheck) : []),
    freeRunningCheck("cnn", { steps: 10, batch: soak ? 64 : 8 }),
    augmentedCheck({ steps: 5, batch: 8, seed: 11 }),
    freeRunningCheck("mlp", { steps: 100, batch: soak ? 64 : 16 }),
    ...Array.from({ length: models }, (_, seed) => randomModelCheck(seed)),
  ];
}

/** Draws the rows anew for a comparison, enough for every step to see others. */
const picturesFor = ({ steps, batch }: TeacherForcedOptions) =>
  pictures(Math.min(steps * batch, 2048));

function forced(
  name: string,
  make: () => { trainee: Trainee; data: TrainingRows; about?: string },
  options: TeacherForcedOptions,
  mustMove: boolean,
): Check {
  return {
    name,
    run: async (context) => {
      const { trainee, data, about } = make();
      const refused = await refusal(context, trainee, data);
      if (refused) return refused;
      const [reference, device] = [await context.reference(), await context.device()];
      const comparison = await teacherForced(reference, device, trainee, data, options);
      const still = mustMove ? comparison.unmovedOnReference : [];
      const faults = [
        ...faultsOf(comparison, trainee),
        ...still.map((parameter) => `${parameter} does not move on the reference`),
      ];
      expectNoFaults(about && faults.length > 0 ? [about, ...faults] : faults);
      return summaryOf(comparison);
    },
  };
}

function zooCheck(name: (typeof MNIST_NAMES)[number], options: TeacherForcedOptions): Check {
  return forced(
    `${name}: ${options.steps} teacher-forced steps of batch ${options.batch} agree with the reference`,
    () => ({ trainee: zooTrainee(name), data: picturesFor(options) }),
    { ...options, seed: 11 },
    true,
  );
}

/** One step of another model of the zoo, small. */
export function zooCaseCheck(name: ZooCaseName): Check {
  const options = { steps: 1, batch: 8, seed: 11 };
  return forced(
    `${name}: a small one's teacher-forced step of batch ${options.batch} agrees with the reference`,
    () => {
      const model = zooCaseModel(name);
      const data = zooCaseRows(name, model, options.batch);
      const trainee = zooCaseTrainee(name, model);
      model.dispose();
      return { trainee, data };
    },
    options,
    true,
  );
}

/** With some seeds a relu of the mlp nearly ties within 100 steps, and rounding decides how the run goes on. */
const FREE_RUNNING_SEED = 8;

function freeRunningCheck(name: "cnn" | "mlp", options: TeacherForcedOptions): Check {
  return {
    name: `${name}: the first ${options.steps} losses of batch ${options.batch}, without dropout, agree with the reference`,
    run: async (context) => {
      const trainee = zooTraineeWithoutDropout(name, FREE_RUNNING_SEED);
      const data = picturesFor(options);
      const refused = await refusal(context, trainee, data);
      if (refused) return refused;
      const wanted = await lossesOf(await context.reference(), trainee, data, options);
      const found = await lossesOf(await context.device(), trainee, data, options);
      const fault = lossFault(found, wanted);
      expectNoFaults(fault ? [fault] : []);
      return `from ${found[0]} to ${found.at(-1)}`;
    },
  };
}

/** Other losses than without augmentation, and the same as the reference's: so every step sees its own images. */
function augmentedCheck(options: TrainerOptions): Check {
  return {
    name: `mlp: the first ${options.steps} losses, of images moved and mirrored, agree with the reference`,
    run: async (context) => {
      const plain = zooTraineeWithoutDropout("mlp", FREE_RUNNING_SEED);
      const trainee = { ...plain, augment: { shift: 2, flip: true } };
      const data = picturesFor(options);
      const refused = await refusal(context, trainee, data);
      if (refused) return refused;
      const [reference, device] = [await context.reference(), await context.device()];
      const wanted = await lossesOf(reference, trainee, data, options);
      const fault = lossFault(await lossesOf(device, trainee, data, options), wanted);
      expectNoFaults(fault ? [fault] : []);
      const still = lossFault(await lossesOf(device, plain, data, options), wanted);
      expectThat(still?.includes("step 0") === true, "its images stay as they are");
      return undefined;
    },
  };
}

function randomModelCheck(seed: number): Check {
  const options = { steps: 2, batch: 4, seed, smallestShare: 1e-3 };
  return forced(
    `random model ${seed}: teacher-forced steps agree with the reference`,
    () => {
      const { model, loss, optimizer, description, input, output } = randomModel(seed);
      const trainee = traineeOf(model, { name: `random ${seed}`, loss, optimizer });
      const data = randomRows(options.steps * options.batch, input, output, loss, seed);
      model.dispose();
      return { trainee, data, about: description };
    },
    options,
    false,
  );
}
