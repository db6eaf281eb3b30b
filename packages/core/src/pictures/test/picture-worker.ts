/** Reads what the page sends it: a bitmap and a file, and the bitmap again from a canvas of its own. */
import { pictures } from "../../pictures.js";

self.onmessage = async ({ data: [bitmap, file] }: MessageEvent<[ImageBitmap, Blob]>) => {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  const rows = [];
  for (const picture of [canvas, bitmap, file]) {
    rows.push([...(await pictures(picture, { size: [9, 12], channels: 1 })).data]);
  }
  postMessage(rows);
};
