/** Data sets, loaded with their first use: what draws, downloads and checks them is no part of a page that only predicts. */
import type { Dataset } from "@hone/core";
import type { DatasetOptions, DatasetPair, DigitsOptions, OfficialOptions } from "@hone/data";

export type { DatasetOptions, DatasetPair, DigitsOptions, OfficialOptions } from "@hone/data";

const data = () => import("@hone/data");

/** MNIST, as `mnist` of `@hone/data`. @throws BadData, Aborted */
export async function mnist(options?: OfficialOptions): Promise<DatasetPair> {
  return (await data()).mnist(options);
}

/** Fashion-MNIST, as `fashionMnist` of `@hone/data`. @throws BadData, Aborted */
export async function fashionMnist(options?: OfficialOptions): Promise<DatasetPair> {
  return (await data()).fashionMnist(options);
}

/** Digits drawn by code, as `digits` of `@hone/data`. @throws BadArgument */
export async function digits(options?: DigitsOptions): Promise<DatasetPair> {
  return (await data()).digits(options);
}

/** A set by its name or folder, as `openDataset` of `@hone/data`. @throws BadArgument, BadData, Aborted */
export async function openDataset(
  name: string,
  options?: OfficialOptions & DigitsOptions,
): Promise<DatasetPair> {
  return (await data()).openDataset(name, options);
}

/** A data set of your own arrays, as `dataset` of `@hone/data`. @throws BadArgument, BadData */
export async function dataset(options: DatasetOptions): Promise<Dataset> {
  return (await data()).dataset(options);
}
