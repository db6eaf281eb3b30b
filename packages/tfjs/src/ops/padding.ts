/** The padding of convolutions and pools. */
import { type Call, listAttribute } from "@hone/core/backend";

/** Padding by numbers, as tfjs takes it: a pair for each axis. */
export function paddingOf(call: Call) {
  const [top, bottom, left, right] = listAttribute(call, "padding");
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}
