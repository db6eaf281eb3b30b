/** A data set's name as part of a file's: a folder's path loses what a file name cannot hold. */
import { typedErrors } from "@hone/core";
export function fileStem(dataset: string): string {
  return typedErrors(
    "fileStem",
    () => dataset.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[-.]+|-+$/g, "") || "data",
  );
}
