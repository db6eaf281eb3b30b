/** A small data set as four IDX files. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { digits } from "@hone/data";

/**
 * Writes the beginning of the synthetic digits into a folder.
 * @param classes labels are their remainders by this; by lot for more than ten
 */
export async function writeIdxSet(
  folder: string,
  rows: { readonly train: number; readonly test: number },
  { seed = 0, classes = 10 }: { readonly seed?: number; readonly classes?: number } = {},
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { train, test } = await digits({ ...rows, seed });
  const relabel = (label: number, row: number) => (classes > 10 ? row % classes : label % classes);
  for (const [part, { columns, rows }] of [["train", train] as const, ["t10k", test] as const]) {
    for (const [what, { data, shape }] of [
      ["images", columns.x] as const,
      ["labels", { data: columns.y.data.map(relabel), shape: columns.y.shape }] as const,
    ]) {
      const extents = [rows, ...shape];
      const header = new DataView(new ArrayBuffer(4 + 4 * extents.length));
      header.setUint32(0, 0x800 + extents.length);
      for (const [axis, extent] of extents.entries()) header.setUint32(4 + 4 * axis, extent);
      const bytes = Buffer.concat([new Uint8Array(header.buffer), data as Uint8Array]);
      await writeFile(path.join(folder, `${part}-${what}-idx${extents.length}-ubyte`), bytes);
    }
  }
}
