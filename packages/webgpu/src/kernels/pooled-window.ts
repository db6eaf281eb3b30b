/** The extents of a convolution whose output is never stored, since only the pool of 2 by 2 behind it sees it. */
import { type Call, type Shape, type WindowGeometry, windowGeometry } from "@hone/core/kernels";

/** Of the convolution. @param x and filters: the shapes it has */
export function pooledWindow(call: Call, x: Shape, filters: Shape): WindowGeometry {
  const [height, width] = call.attributes.outputSize as readonly [number, number];
  return windowGeometry(
    x,
    [x[0] as number, height, width, filters[3] as number],
    filters,
    call.attributes,
  );
}

/** Positions in windows of the pool, of all images. */
export function pooledPositions({ batch, outputHeight, outputWidth }: WindowGeometry): number {
  return 4 * batch * Math.floor(outputHeight / 2) * Math.floor(outputWidth / 2);
}
