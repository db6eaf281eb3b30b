/** A sheet to draw on, by mouse, finger or pen. */
import { element } from "../../element.js";
import { type PictureSource, seenBy } from "./camera.js";

const SIDE = 240;
const PEN = 12;

/** @param drawn called after each stroke, and when the sheet is empty again */
export function drawingPad(drawn: () => void): PictureSource {
  const canvas = element("canvas", {
    class: "seen paper",
    width: SIDE,
    height: SIDE,
    role: "img",
    "aria-label": "A sheet to draw on",
  });
  const pen = canvas.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
  let isEmpty = true;
  const clear = () => {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, SIDE, SIDE);
    isEmpty = true;
    drawn();
  };
  const pointAt = (event: PointerEvent): [number, number] => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [((event.clientX - left) * SIDE) / width, ((event.clientY - top) * SIDE) / height];
  };
  const down = (event: PointerEvent) => {
    canvas.setPointerCapture(event.pointerId);
    pen.lineWidth = PEN;
    pen.lineCap = "round";
    pen.lineJoin = "round";
    pen.strokeStyle = "#111";
    pen.beginPath();
    pen.moveTo(...pointAt(event));
    move(event);
  };
  const move = (event: PointerEvent) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    for (const point of event.getCoalescedEvents?.() ?? []) pen.lineTo(...pointAt(point));
    pen.lineTo(...pointAt(event));
    pen.stroke();
    isEmpty = false;
  };
  for (const [name, listener] of [
    ["pointerdown", down],
    ["pointermove", move],
    ["pointerup", drawn],
  ] as const) {
    canvas.addEventListener(name, listener);
  }
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, SIDE, SIDE);
  return {
    place: element(
      "div",
      { class: "sheet-of-paper" },
      canvas,
      element("button", { type: "button", class: "quiet", click: clear }, "Clear the sheet"),
    ),
    picture: async (form) => (isEmpty ? undefined : seenBy(canvas, form)),
    taken: clear,
    end() {},
  };
}
