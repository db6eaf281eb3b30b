import type { SavedModel } from "../run/saved-model.js";

/** A file's writer, which only who saves loads. */
export async function encodeSaved(saved: SavedModel) {
  return (await import("./saved-model-writer.js")).encodeSavedModel(saved);
}
