/** A saved model as a file. */
import { HoneError } from "../errors.js";
import { isSavedModel, type SavedModel } from "../run/saved-model.js";
import { valueText } from "../value-text.js";
import type { KeptTensors } from "./hone-file.js";
import { encodeFile } from "./hone-file-writer.js";
import { KIND } from "./saved-model-file.js";
import { templateFromJson } from "./template-json.js";
import { Constants, templateToJson } from "./template-json-writer.js";

/**
 * The bytes of a model's file, the same for the same model.
 * @throws BadArgument for what is no saved model
 */
export async function encodeSavedModel(model: SavedModel): Promise<Uint8Array<ArrayBuffer>> {
  if (!isSavedModel(model)) {
    const what = `${valueText(model)} is no saved model. Give what \`session.saved()\` gave.`;
    throw new HoneError("BadArgument", "encodeSavedModel", what);
  }
  const { traced, state, ...fields } = model;
  const { training, inference, ...about } = traced;
  const constants = new Constants();
  const graphs = {
    training: templateToJson(training, constants),
    inference: templateToJson(inference, constants),
  };
  // What could not be opened again is refused now.
  await templateFromJson(graphs.training, constants.tensors, true);
  await templateFromJson(graphs.inference, constants.tensors, false);
  const { tensors, ...rest } = state;
  return encodeFile(
    KIND,
    { ...fields, traced: { ...about, ...graphs }, state: rest },
    { ...(tensors as KeptTensors), ...constants.tensors },
  );
}
