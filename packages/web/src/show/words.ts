/** Numbers as people say them. */

export const percentText = (share: number): string =>
  Number.isFinite(share) ? `${(100 * share).toFixed(share === 1 ? 0 : 1)} %` : "–";

export const countText = (count: number): string =>
  Number.isFinite(count) ? Math.round(count).toLocaleString("en") : "–";

/** Three digits are enough to see a loss fall. */
export const lossText = (loss: number): string =>
  Number.isFinite(loss)
    ? loss >= 0.001 || loss === 0
      ? loss.toFixed(3)
      : loss.toExponential(1)
    : "–";

export function durationText(seconds: number): string {
  if (!Number.isFinite(seconds)) return "–";
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
