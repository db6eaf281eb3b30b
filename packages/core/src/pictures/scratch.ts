/** One canvas, on which all pictures of a call are drawn to be read. */

export interface Scratch {
  /**
   * Draws `source` at its own size and reads some of its rows: RGBA.
   * @throws what the browser throws: a SecurityError for what shows something of another site
   */
  read(
    source: CanvasImageSource,
    size: { readonly width: number; readonly height: number },
    top: number,
    rows: number,
  ): Uint8ClampedArray;
}

/** Undefined where there are no canvases, as in Node. */
export function newScratch(): Scratch | undefined {
  const makes = canvasMaker();
  if (!makes) return undefined;
  let canvas: OffscreenCanvas | undefined;
  return {
    read(source, { width, height }, top, rows) {
      canvas ??= makes();
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== rows) canvas.height = rows;
      // Kept in the processor's memory: from the GPU's each reading would be waited for.
      const context = canvas.getContext("2d", { willReadFrequently: true });
      if (!context) throw new Error("the browser gives no more canvases");
      context.globalCompositeOperation = "copy";
      context.imageSmoothingEnabled = false;
      try {
        context.drawImage(source, 0, -top, width, height);
        return context.getImageData(0, 0, width, rows).data;
      } catch (error) {
        // Once it has shown something of another site, a canvas is never read again.
        canvas = undefined;
        throw error;
      }
    },
  };
}

/** Workers have OffscreenCanvas alone, and older pages elements alone, which do as much of it as is needed here. */
function canvasMaker(): (() => OffscreenCanvas) | undefined {
  if (typeof OffscreenCanvas === "function") return () => new OffscreenCanvas(1, 1);
  const page = (globalThis as { readonly document?: Document }).document;
  return page && (() => page.createElement("canvas") as unknown as OffscreenCanvas);
}
