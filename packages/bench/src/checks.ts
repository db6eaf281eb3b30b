/** What plain JavaScript lets through is refused before anything is measured. */
import { HoneError, validateDataset } from "@hone/core";

type Given = Readonly<Record<string, unknown>>;

function refuse(where: string, what: string): never {
  throw new HoneError("BadArgument", where, what);
}

function fieldsOf(where: string, name: string, given: unknown): Given {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return given as Given;
  return refuse(where, `${name} is of type ${typeof given}. Give an object.`);
}

/** A training and a test set. @throws BadArgument; BadData as `validateDataset` */
export function checkData(where: string, data: unknown): void {
  const { train, test } = fieldsOf(where, "the data", data);
  validateDataset(train as never);
  validateDataset(test as never);
}

/** One model, or several with their names. @throws BadArgument */
export function checkModels(where: string, models: unknown): void {
  const isModel = (one: unknown) => Array.isArray((one as Given | null | undefined)?.layers);
  const list = Array.isArray(models) ? models : [{ name: "model", model: models }];
  const named = list.every((one) => typeof one?.name === "string" && isModel(one.model));
  if (named && list.length > 0) return;
  refuse(where, "there is no model in what was given. Give a tf.LayersModel, or { name, model }s.");
}

/** What `benchmark` needs of its options. @throws BadArgument */
export function checkBenchmark(where: string, options: unknown): void {
  const { backends, reference, batchSizes, modes } = fieldsOf(where, "the options", options);
  const isBackend = (one: unknown) => typeof (one as Given | null | undefined)?.open === "function";
  if (!Array.isArray(backends) || backends.length === 0 || !backends.every(isBackend)) {
    refuse(where, "there are no backends in the options. Give a list of them, [wasm(), cpu()].");
  }
  if (typeof reference !== "function") {
    const { load } = fieldsOf(where, "the reference", reference);
    if (typeof load !== "function") refuse(where, "the reference is no device. Open one of cpu().");
  }
  const counts = (batchSizes ?? []) as readonly unknown[];
  if (!Array.isArray(counts) || !counts.every((size) => Number.isSafeInteger(size) && size > 0)) {
    refuse(where, "batchSizes are no whole numbers above 0. Give a list of these.");
  }
  const asked = (modes ?? []) as readonly unknown[];
  if (!Array.isArray(asked) || !asked.every((mode) => mode === "train" || mode === "predict")) {
    refuse(where, 'modes hold something else than "train" and "predict". Give a list of these.');
  }
}

/** A question to a device. @throws BadArgument; BadData */
export function checkQuestion(where: string, question: unknown): void {
  const { model, data, mode, batchSize } = fieldsOf(where, "the question", question);
  checkModels(where, [model]);
  checkData(where, data);
  if (mode !== "train" && mode !== "predict")
    refuse(where, "mode is neither train nor predict. Give one.");
  if (Number.isSafeInteger(batchSize) && (batchSize as number) > 0) return;
  refuse(where, "batchSize is no whole number above 0. Give one.");
}

/** What `runRounds` needs. @throws BadArgument */
export function checkRounds(where: string, contenders: unknown, options: unknown): void {
  const runs = (one: unknown) => typeof (one as Given | null | undefined)?.run === "function";
  if (!Array.isArray(contenders) || !contenders.every(runs)) {
    refuse(where, "there are no contenders in what was given. Give a list of { identity, run }.");
  }
  const { rounds } = fieldsOf(where, "the options", options);
  if (Number.isSafeInteger(rounds) && (rounds as number) > 0) return;
  refuse(where, "rounds is no whole number above 0. Give one.");
}
