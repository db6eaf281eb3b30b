/** What a training is made of: what the controls show, the address holds, and the code to copy says. */
import { SET_NAMES, type SetName } from "../data/open-set.js";
import { MODEL_NAMES, type ModelInfo, type ModelName } from "../models/open-site-model.js";

export interface Settings {
  readonly data: SetName;
  readonly model: ModelName;
  readonly rate: number;
  readonly batch: number;
  readonly epochs: number;
  readonly seed: number;
}

export const FIRST_SETTINGS: Settings = {
  data: "digits",
  model: "cnn",
  rate: 1e-3,
  batch: 64,
  epochs: 5,
  seed: 7,
};

export const BATCH_SIZES = [16, 32, 64, 128, 256] as const;
export const RATES = [3e-4, 1e-3, 3e-3, 6e-3, 1e-2, 1.6e-2] as const;

/** What a record of words says; what it does not say, or says wrong, is as in `base`. */
export function readSettings(
  record: Readonly<Record<string, string>>,
  base: Settings = FIRST_SETTINGS,
): Settings {
  const { data, model, rate, batch, epochs, seed } = record;
  return {
    data: SET_NAMES.find((name) => name === data) ?? base.data,
    model: MODEL_NAMES.find((name) => name === model) ?? base.model,
    rate: within(rate, 1e-6, 1) ?? base.rate,
    batch: whole(batch, 1, 4096) ?? base.batch,
    epochs: whole(epochs, 1, 1000) ?? base.epochs,
    seed: whole(seed, 0, 1e6) ?? base.seed,
  };
}

/** Only what differs from the first settings, so that addresses stay short. */
export function settingsRecord(settings: Settings): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      value === FIRST_SETTINGS[name as keyof Settings] ? undefined : `${value}`,
    ]),
  );
}

/** How the zoo's settings for this model change the training beside rate and batch: its schedule, its augmentation. */
export function extrasOf({ data }: Settings, info: ModelInfo) {
  return { schedule: info.schedule, augment: info.augment[data] };
}

function within(word: string | undefined, least: number, most: number): number | undefined {
  const value = Number(word);
  return word && value >= least && value <= most ? value : undefined;
}

function whole(word: string | undefined, least: number, most: number): number | undefined {
  const value = word === "0" && least === 0 ? 0 : within(word, Math.max(least, 1), most);
  return Number.isInteger(value) ? value : undefined;
}
