/** The extents of a convolution or pool as WGSL constants: INPUT_HEIGHT of `inputHeight`, and so on. */
import type { WindowGeometry } from "@hone/core/kernels";

export function windowConstants(
  window: WindowGeometry,
): Readonly<Record<string, number | boolean>> {
  const named = Object.entries(window).map(([name, value]) => [
    name.replace(/[A-Z]/g, "_$&").toUpperCase(),
    value,
  ]);
  return { ...Object.fromEntries(named), PADDED: reachesPadding(window) };
}

function reachesPadding(window: WindowGeometry): boolean {
  const bottom =
    (window.outputHeight - 1) * window.strideHeight -
    window.padTop +
    (window.filterHeight - 1) * window.dilationHeight;
  const right =
    (window.outputWidth - 1) * window.strideWidth -
    window.padLeft +
    (window.filterWidth - 1) * window.dilationWidth;
  return (
    window.padTop > 0 ||
    window.padLeft > 0 ||
    bottom >= window.inputHeight ||
    right >= window.inputWidth
  );
}
