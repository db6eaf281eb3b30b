/** What a page does that may keep nothing: opens the set that it is sent twice, then without its files. */
import type { OfficialSet } from "../catalog.js";
import { isAtHand, openOfficial } from "../official.js";

export interface SentSet {
  readonly set: OfficialSet;
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

async function main({ set, files }: SentSet) {
  let asked = 0;
  let offline = false;
  globalThis.fetch = async (address) => {
    asked++;
    const bytes = files.get(String(address).split("/").at(-1) as string);
    return offline ? new Response(null, { status: 404 }) : new Response(bytes);
  };
  const labels: number[][] = [];
  for (let time = 0; time < 2; time++)
    labels.push([...(await openOfficial(set)).train.columns.y.data]);
  const answered = asked;
  offline = true;
  const place = (await isAtHand(set)) ?? "none";
  const error = await openOfficial(set).catch(String);
  const folder = await openOfficial(set, { folder: "http://[" }).catch(String);
  parent.postMessage({ labels, asked: answered, place, error, folder }, "*");
}

addEventListener("message", ({ data }: MessageEvent<SentSet>) => {
  main(data).catch((error) => parent.postMessage(String(error), "*"));
});
