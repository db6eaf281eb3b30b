/** A square to draw on: by mouse, finger or pen, or by the keyboard. */
import { element } from "../../element.js";
import { drawGrey } from "../../show/grey-picture.js";
import { type Ink, inkOf, SIZE } from "./recentre.js";

const EDGE = 280;
const PEN = 24;
const KEY_STEP = 7;

export interface Pad {
  readonly place: HTMLCanvasElement;
  ink(): Ink;
  clear(): void;
  /** Shows a picture of 28 by 28 bytes. */
  show(pixels: Uint8Array): void;
  /** Shows a file's picture. @throws where it is none */
  open(file: Blob): Promise<void>;
}

/** @param changed called after each stroke's part */
export function openPad(changed: () => void): Pad {
  const canvas = element("canvas", {
    width: EDGE,
    height: EDGE,
    class: "pad",
    tabindex: 0,
    role: "application",
    "aria-label":
      "Drawing. Arrow keys move the pen, Space puts it down and lifts it, Escape clears.",
  });
  const context = canvas.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
  let pen = { x: EDGE / 2, y: EDGE / 4, down: false };

  function wipe() {
    context.fillStyle = "#000";
    context.fillRect(0, 0, EDGE, EDGE);
    pen = { x: EDGE / 2, y: EDGE / 4, down: false };
  }
  function clear() {
    wipe();
    changed();
  }

  function lineTo(x: number, y: number) {
    context.strokeStyle = "#fff";
    context.lineWidth = PEN;
    context.lineCap = "round";
    context.lineJoin = "round";
    context.beginPath();
    context.moveTo(pen.x, pen.y);
    context.lineTo(x, y);
    context.stroke();
    pen = { ...pen, x, y };
  }

  const placeOf = (event: PointerEvent) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [
      ((event.clientX - left) / width) * EDGE,
      ((event.clientY - top) / height) * EDGE,
    ] as const;
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    const [x, y] = placeOf(event);
    pen = { x, y, down: false };
    lineTo(x, y);
    changed();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    // Between two frames a pen has been in several places.
    const between = event.getCoalescedEvents?.() ?? [];
    for (const one of between.length > 0 ? between : [event]) lineTo(...placeOf(one));
    changed();
  });
  canvas.addEventListener("keydown", (event) => {
    const way = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[
      event.key
    ];
    if (way) {
      const [x, y] = [0, 1].map((axis) =>
        Math.min(
          EDGE - PEN,
          Math.max(PEN, (axis === 0 ? pen.x : pen.y) + (way[axis] as number) * KEY_STEP),
        ),
      ) as [number, number];
      if (pen.down) lineTo(x, y);
      else pen = { ...pen, x, y };
      if (pen.down) changed();
    } else if (event.key === " ") {
      pen = { ...pen, down: !pen.down };
      if (pen.down) lineTo(pen.x, pen.y);
      changed();
    } else if (event.key === "Escape") {
      clear();
    } else {
      return;
    }
    event.preventDefault();
  });

  const draw = (source: CanvasImageSource, width: number, height: number) => {
    const scale = Math.min(EDGE / width, EDGE / height);
    const [w, h] = [width * scale, height * scale];
    context.fillStyle = groundOf(source, width, height);
    context.fillRect(0, 0, EDGE, EDGE);
    context.drawImage(source, (EDGE - w) / 2, (EDGE - h) / 2, w, h);
    changed();
  };
  wipe();
  return {
    place: canvas,
    clear,
    ink: () => inkOf(context.getImageData(0, 0, EDGE, EDGE).data, EDGE, EDGE),
    show: (pixels) => {
      const small = element("canvas", { width: SIZE, height: SIZE });
      drawGrey(small, pixels, { width: SIZE, height: SIZE, light: 255 });
      draw(small, SIZE, SIZE);
    },
    open: async (file) => {
      // Not createImageBitmap, which reads no drawings (SVG).
      const address = URL.createObjectURL(file);
      try {
        const picture = element("img", { src: address });
        await picture.decode();
        draw(picture, picture.naturalWidth || EDGE, picture.naturalHeight || EDGE);
      } finally {
        URL.revokeObjectURL(address);
      }
    },
  };
}

/** The colour of a picture's corner, which its margins get. */
function groundOf(source: CanvasImageSource, width: number, height: number): string {
  const one = element("canvas", { width: 1, height: 1 });
  const context = one.getContext("2d") as CanvasRenderingContext2D;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, 1, 1);
  context.drawImage(source, 0, 0, Math.min(2, width), Math.min(2, height), 0, 0, 1, 1);
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data;
  return `rgb(${red} ${green} ${blue})`;
}
