/** Pictures for the Teach view, drawn by code in a page: a striped or a dotted patch anywhere on a ground, in any colours; or the ground alone, "bare". */

/** @returns {Promise<{ name: string, mimeType: string, buffer: Buffer }[]>} as a page's file input takes them */
export async function drawnThings(page, kind, count) {
  const files = await page.evaluate(draw, { kind, count });
  return files.map((bytes, at) => ({
    name: `${kind}-${at}.png`,
    mimeType: "image/png",
    buffer: Buffer.from(bytes, "base64"),
  }));
}

/** Runs in the page. */
async function draw({ kind, count }) {
  const size = 120;
  const files = [];
  const between = (low, high) => low + (high - low) * Math.random();
  for (let at = 0; at < count; at++) {
    const canvas = new OffscreenCanvas(size, size);
    const pen = canvas.getContext("2d");
    const hue = between(0, 360);
    pen.fillStyle = `hsl(${hue} 40% 85%)`;
    pen.fillRect(0, 0, size, size);
    pen.fillStyle = `hsl(${hue + between(120, 240)} 60% 35%)`;
    const side = between(60, 85);
    const step = between(14, 22);
    const [x, y] = [between(5, size - side - 5), between(5, size - side - 5)];
    pen.beginPath();
    pen.rect(x, y, side, side);
    pen.clip();
    pen.translate(x + side / 2, y + side / 2);
    pen.rotate(between(0, 3));
    for (let across = -size; across < size && kind !== "bare"; across += step) {
      if (kind === "striped") pen.fillRect(across, -size, step / 2, 2 * size);
      else {
        for (let down = -size; down < size; down += step) {
          pen.beginPath();
          pen.arc(across, down, 0.3 * step, 0, 7);
          pen.fill();
        }
      }
    }
    const picture = pen.getImageData(0, 0, size, size);
    for (let index = 0; index < picture.data.length; index++) {
      if (index % 4 < 3) picture.data[index] += between(-20, 20);
    }
    pen.putImageData(picture, 0, 0);
    const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
    files.push(btoa(String.fromCharCode(...bytes)));
  }
  return files;
}
