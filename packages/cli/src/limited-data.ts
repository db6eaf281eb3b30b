/** Data sets of which a run takes only the first rows. */
import { type DatasetPair, listDatasets, openDataset } from "@hone/data";

type Options = NonNullable<Parameters<typeof openDataset>[1]>;

/**
 * Opens a data set. Of one that is drawn by code only the first `limit` training rows are drawn, which are the same as
 * of the whole; others are there whole, and it is for the caller to take the first rows.
 * @throws as `openDataset`
 */
export async function openLimited(
  name: string,
  limit: number | undefined,
  options: Options = {},
): Promise<DatasetPair> {
  const sets = limit === undefined ? [] : await listDatasets();
  const drawn = sets.find((set) => set.name === name && set.synthetic);
  if (limit === undefined || !drawn) return openDataset(name, options);
  return openDataset(name, { ...options, train: Math.min(limit, drawn.trainRows) });
}
