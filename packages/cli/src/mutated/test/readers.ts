/** Every reader of what others wrote. A further one is one entry more. */
import { checkpointReader, savedModelReader } from "./checkpoint-reader.js";
import { folderReaders } from "./folder-readers.js";
import { idxReaders, pngReader } from "./image-readers.js";
import { modelReaders } from "./model-readers.js";
import type { Reader } from "./try-input.js";

export async function allReaders(): Promise<readonly Reader[]> {
  return [
    pngReader as Reader,
    ...(await idxReaders()),
    ...(await modelReaders()),
    await checkpointReader(),
    await savedModelReader(),
    ...(await folderReaders()),
  ];
}
