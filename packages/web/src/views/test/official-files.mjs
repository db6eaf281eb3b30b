/** The official files of a set, as a host lays them beside the page. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { environmentFolder, openDataset, userCacheFolder } from "@hone/data";

/** @returns {Promise<Record<string, Buffer>>} by their paths on the site, `/data/mnist/train-images-idx3-ubyte.gz` */
export async function officialFiles(name) {
  // Where this machine lacks them they are downloaded, into the first of these.
  await openDataset(name);
  const folder = path.join(environmentFolder() ?? userCacheFolder(), name);
  const names = (await readdir(folder)).filter((file) => file.endsWith(".gz"));
  const read = async (file) => [`/data/${name}/${file}`, await readFile(path.join(folder, file))];
  return Object.fromEntries(await Promise.all(names.map(read)));
}
