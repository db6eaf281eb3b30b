/** One picture gives the same bytes and the same predictions, whichever form a page has it in. */
import "@tensorflow/tfjs-backend-cpu";
import { cpu } from "@hone/cpu";
import * as tf from "@tensorflow/tfjs-core";
import * as tfl from "@tensorflow/tfjs-layers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device } from "../backend.js";
import { compile } from "../compile.js";
import { openModel } from "../open-model.js";
import { type Picture, type PictureOptions, pictures } from "../pictures.js";
import { compile as compileSaved } from "../runtime.js";

const [WIDTH, HEIGHT] = [31, 24];
let device: Device;
let canvas: HTMLCanvasElement;
let image: ImageData;
let video: HTMLVideoElement;

beforeAll(async () => {
  await tf.setBackend("cpu");
  device = await cpu({ worker: false }).open();
  canvas = drawn(WIDTH, HEIGHT);
  image = (canvas.getContext("2d") as CanvasRenderingContext2D).getImageData(0, 0, WIDTH, HEIGHT);
  video = await playing(canvas);
});
afterAll(() => {
  video.srcObject = null;
  return device.close();
});

/** Opaque, of many colours, with edges. */
function drawn(width: number, height: number): HTMLCanvasElement {
  const made = document.createElement("canvas");
  Object.assign(made, { width, height });
  const context = made.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      context.fillStyle = `rgb(${(x * 37) % 256} ${(y * 53) % 256} ${(x * y * 11) % 256})`;
      context.fillRect(x, y, 1, 1);
    }
  }
  return made;
}

async function playing(source: HTMLCanvasElement): Promise<HTMLVideoElement> {
  const made = document.createElement("video");
  made.muted = true;
  made.srcObject = source.captureStream(30);
  // A stream of a canvas has a frame when something is drawn.
  const context = source.getContext("2d") as CanvasRenderingContext2D;
  const timer = setInterval(() => context.drawImage(source, 0, 0), 20);
  await made.play();
  while (made.readyState < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  clearInterval(timer);
  return made;
}

async function png(source: HTMLCanvasElement): Promise<Blob> {
  const blob = await new Promise<Blob | null>((resolve) => source.toBlob(resolve, "image/png"));
  if (!blob) throw new Error("no PNG was made");
  return blob;
}

async function element(blob: Blob): Promise<HTMLImageElement> {
  const made = new Image();
  made.src = URL.createObjectURL(blob);
  await made.decode();
  return made;
}

function offscreen(): OffscreenCanvas {
  const made = new OffscreenCanvas(WIDTH, HEIGHT);
  made.getContext("2d")?.drawImage(canvas, 0, 0);
  return made;
}

/** Every form that is exact; what is to be closed afterwards is closed by `afterwards`. */
const FORMS: Readonly<Record<string, () => Promise<Picture>>> = {
  ImageData: async () => image,
  "{ data, width, height }": async () => ({
    data: new Uint8Array(image.data),
    width: WIDTH,
    height: HEIGHT,
  }),
  canvas: async () => canvas,
  OffscreenCanvas: async () => offscreen(),
  ImageBitmap: () => createImageBitmap(canvas),
  VideoFrame: async () => new VideoFrame(canvas, { timestamp: 0 }),
  "Blob of a PNG": () => png(canvas),
  File: async () => new File([await png(canvas)], "picture.png", { type: "image/png" }),
  "image element": async () => element(await png(canvas)),
};

const bytes = () => image.data.filter((_, at) => at % 4 < 3);

const network = (shape: (number | null)[]) =>
  tfl.sequential({
    layers: [
      tfl.layers.conv2d({
        inputShape: shape,
        filters: 4,
        kernelSize: 3,
        kernelInitializer: tfl.initializers.glorotUniform({ seed: 1 }),
      }),
      tfl.layers.globalAveragePooling2d({}),
    ],
  });

test.each(Object.entries(FORMS))(
  "%s gives the bytes and the prediction of its pixels",
  async (_, make) => {
    const picture = await make();
    const options: readonly PictureOptions[] = [
      {},
      { channels: 1, size: [9, 12] },
      { size: [28, 28], fit: "contain" },
      { size: [60, 50], fit: "cover", channels: 4 },
    ];
    for (const one of options) {
      const { data, shape } = await pictures(picture, one);
      expect({ data, shape }).toEqual(await pictures(image, one));
    }
    const session = await compile(network([HEIGHT, WIDTH, 3]), {
      device,
      loss: "meanSquaredError",
    });
    const wanted = await session.predict(bytes());
    expect(await session.predict(picture)).toEqual(wanted);
    // It is the caller's still: readable again.
    expect(await session.predict(picture)).toEqual(wanted);
    if ("close" in picture) (picture as ImageBitmap).close();
    session.close();
  },
);

test("red, green and blue are those of tf.browser.fromPixels, and predictions are stock tfjs's", async () => {
  const model = network([HEIGHT, WIDTH, 3]);
  const session = await compile(model, { device, loss: "meanSquaredError" });
  for (const source of [canvas, image, await element(await png(canvas))]) {
    const stock = tf.browser.fromPixels(source);
    expect([...(await pictures(source)).data]).toEqual([...stock.dataSync()]);
    const wanted = (model.predict(tf.expandDims(stock)) as tf.Tensor).dataSync();
    const { data } = await session.predict(source);
    for (const [at, value] of wanted.entries()) expect(data[at]).toBeCloseTo(value, 3);
  }
  session.close();
});

test("a picture that grows is tf.image.resizeBilinear with half-pixel centres, to half a byte", async () => {
  const { data } = await pictures(canvas, { size: [50, 64] });
  const stock = tf.image.resizeBilinear(tf.browser.fromPixels(canvas), [50, 64], false, true);
  const away = [...stock.dataSync()].map((value, at) => Math.abs(value - (data[at] as number)));
  expect(Math.max(...away)).toBeLessThanOrEqual(0.501);
});

test("a playing video gives what it shows, as fromPixels has it", async () => {
  const { data, shape } = await pictures(video);
  expect(shape).toEqual([1, HEIGHT, WIDTH, 3]);
  expect([...data]).toEqual([...tf.browser.fromPixels(video).dataSync()]);
  // Encoded for the stream, colours come near to those that were drawn.
  const grey = await pictures([video, canvas], { size: [6, 8], channels: 1 });
  const away = grey.data
    .subarray(48)
    .map((value, at) => Math.abs(value - (grey.data[at] as number)));
  expect(away.reduce((sum, value) => sum + value, 0) / 48).toBeLessThan(12);
  const session = await compile(network([null, null, 3]), { device, loss: "meanSquaredError" });
  expect((await session.predict([video, video])).shape).toEqual([2, 4]);
  session.close();
});

test("what is half transparent lies on the background, to a byte where the browser has multiplied it", async () => {
  const clear = document.createElement("canvas");
  Object.assign(clear, { width: 2, height: 1 });
  const context = clear.getContext("2d") as CanvasRenderingContext2D;
  context.fillStyle = "rgb(200 100 0 / 0.6)";
  context.fillRect(0, 0, 1, 1);
  const white = { background: [255, 255, 255] } as const;
  const pixels = context.getImageData(0, 0, 2, 1);
  for (const form of [pixels, clear, await createImageBitmap(clear), await png(clear)]) {
    const near = (data: Uint8Array, wanted: readonly number[]) => {
      for (const [at, value] of wanted.entries()) {
        expect(Math.abs((data[at] as number) - value)).toBeLessThanOrEqual(1);
      }
    };
    near((await pictures(form)).data, [120, 60, 0, 0, 0, 0]);
    near((await pictures(form, white)).data, [222, 162, 102, 255, 255, 255]);
  }
});

test("a data set of pictures teaches a session how their bytes are scaled, and its saved model", async () => {
  const rows = await pictures([canvas, await png(canvas), image], { size: [12, 16] });
  const plain = { scale: 1, offset: 0 };
  const labels = Float32Array.from({ length: 12 }, (_, at) => at % 2);
  const train = {
    name: "pictures",
    rows: 3,
    columns: {
      x: { data: rows.data, shape: rows.shape.slice(1), scale: 1 / 255, offset: 0 },
      y: { data: labels, shape: [4], ...plain },
    },
  };
  const session = await compile(network([12, 16, 3]), { device, loss: "meanSquaredError" });
  await session.fit(train, { epochs: 1 });
  const { data } = await pictures(image, { size: [12, 16] });
  const wanted = await session.predict(Float32Array.from(data, (value) => value / 255));
  expect(await session.predict(canvas)).toEqual(wanted);
  const saved = await compileSaved(await openModel(await session.save()), { device });
  expect(await saved.predict(canvas)).toEqual(wanted);
  for (const one of [session, saved]) one.close();
});

test("a photograph of twelve million pixels leaves the page awake", async () => {
  const large = drawn(40, 30);
  const photograph = new OffscreenCanvas(4000, 3000);
  photograph.getContext("2d")?.drawImage(large, 0, 0, 4000, 3000);
  const blob = await photograph.convertToBlob({ type: "image/jpeg" });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 0);
  const { shape } = await pictures(blob, { size: [224, 224] });
  clearInterval(timer);
  expect(shape).toEqual([1, 224, 224, 3]);
  expect(ticks).toBeGreaterThan(5);
});

test("a worker reads an OffscreenCanvas, a bitmap and a file as the page does", async () => {
  const wanted = [...(await pictures(image, { size: [9, 12], channels: 1 })).data];
  const worker = new Worker(new URL("./test/picture-worker.ts", import.meta.url), {
    type: "module",
  });
  const told = await new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    Promise.all([createImageBitmap(canvas), png(canvas)]).then((given) =>
      worker.postMessage(given),
    );
  });
  worker.terminate();
  expect(told).toEqual([wanted, wanted, wanted]);
});

/** A canvas that has shown a picture of a place that has no origin this page shares. */
async function tainted(): Promise<HTMLCanvasElement> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><foreignObject width="4" height="4"><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject></svg>`;
  const made = document.createElement("canvas");
  const shown = await element(new Blob([svg], { type: "image/svg+xml" }));
  made.getContext("2d")?.drawImage(shown, 0, 0);
  return made;
}

function closed<Kind extends { close(): void }>(one: Kind): Kind {
  one.close();
  return one;
}

const REFUSED: Readonly<Record<string, readonly [() => Promise<unknown>, RegExp]>> = {
  "a canvas of another site's picture": [
    tainted,
    /is an HTMLCanvasElement which shows something of another site, .*crossOrigin = "anonymous"/,
  ],
  "a closed bitmap": [
    async () => closed(await createImageBitmap(canvas)),
    /is an ImageBitmap which was closed, or transferred\. Close it when the result is there/,
  ],
  "a closed frame": [
    async () => closed(new VideoFrame(canvas, { timestamp: 0 })),
    /is a VideoFrame which was closed/,
  ],
  "a video that has not begun": [
    async () => document.createElement("video"),
    /is an HTMLVideoElement which has no frame yet\. Wait for its event loadeddata/,
  ],
  "an image that is not there": [
    async () => new Image(),
    /is an HTMLImageElement which is not loaded\. Await its decode\(\)/,
  ],
  "a file that is no image": [
    async () => new File(["words"], "words.txt", { type: "text/plain" }),
    /is a File of 5 bytes and type "text\/plain", which is no image that this browser decodes \(/,
  ],
  "a canvas without pixels": [
    async () => Object.assign(document.createElement("canvas"), { width: 0 }),
    /is an HTMLCanvasElement which has 0 × 150 pixels\. Give one with at least one pixel/,
  ],
  "a canvas that went to a worker": [
    async () => {
      const given = new OffscreenCanvas(2, 2);
      const { port1, port2 } = new MessageChannel();
      port1.postMessage(given, [given]);
      for (const port of [port1, port2]) port.close();
      return given;
    },
    /is an OffscreenCanvas which has 0 × 0 pixels/,
  ],
  "an element that is no picture": [
    async () => Object.assign(document.createElement("p"), { width: 4, height: 4 }),
    /is an HTMLParagraphElement which cannot be read \(.*\)\. Give a picture that drawImage takes/,
  ],
};

test.each(Object.entries(REFUSED))("%s is refused by name", async (_, [make, said]) => {
  const session = await compile(network([4, 4, 3]), { device, loss: "meanSquaredError" });
  const refused = session.predict((await make()) as Picture);
  await expect(refused).rejects.toThrow(said);
  await expect(refused).rejects.toMatchObject({ name: "HoneError", kind: "BadData" });
  // A canvas that was spoiled spoils none after it.
  expect((await session.predict(canvas)).shape).toEqual([1, 4]);
  session.close();
});
