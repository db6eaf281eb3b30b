/** Data sets of what a page has: each form is told in core, here that columns take them. */
import { columnOf } from "@hone/core";
import { expect, test } from "vitest";
import { dataset } from "./index.js";

test("canvases, files and bitmaps are rows of one column, brought to one size", async () => {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: 8, height: 6 });
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.fillStyle = "rgb(200 100 50)";
  context.fillRect(0, 0, 8, 6);
  const file = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  const x = [
    canvas,
    file as Blob,
    await createImageBitmap(canvas),
    context.getImageData(0, 0, 4, 4),
  ];
  const made = await dataset({ x, y: [0, 1, 2, 3], size: [2, 3], scale: 1 / 255 });
  const column = columnOf(made, "x");
  expect(column).toMatchObject({ shape: [2, 3, 3], scale: 1 / 255 });
  expect([...column.data]).toEqual(Array.from({ length: 24 }, () => [200, 100, 50]).flat());
  const grey = await dataset({ x: canvas, y: [0], channels: 1 });
  expect(columnOf(grey, "x").shape).toEqual([6, 8, 1]);
  const text = new Blob(["words"], { type: "text/plain" });
  await expect(dataset({ x: [canvas, text], y: [0, 1], size: [2, 2] })).rejects.toThrow(
    /^\[hone\] data set "data", column x: picture 1 is a Blob of 5 bytes .* no image/,
  );
});
