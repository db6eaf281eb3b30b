/** `--augment shift=2,flip`: what is done to training images, as words. */
import { type Augment, HoneError } from "@hone/core";
import type { Arguments, OptionSpec } from "./arguments.js";

export const augmentOption: OptionSpec = {
  name: "augment",
  value: "HOW",
  help: "move training images by up to N pixels and mirror them: shift=N, flip, or both with a comma; or none (default none; a zoo model may bring its own)",
};

/** @throws BadArgument, with the word that is not understood */
export function readAugment({ options }: Arguments): Augment | "none" | undefined {
  const text = options.get(augmentOption.name);
  if (text === undefined || text === "none") return text;
  let shift: number | undefined;
  let flip = false;
  for (const word of text.split(",")) {
    const pixels = /^shift=(\d{1,6})$/.exec(word)?.[1];
    if (pixels !== undefined && shift === undefined) shift = Number(pixels);
    else if (word === "flip" && !flip) flip = true;
    else {
      throw new HoneError(
        "BadArgument",
        "cli",
        `--augment is '${text}', and '${word}' is not understood. Give shift=2, flip, shift=2,flip or none.`,
      );
    }
  }
  return { shift: shift ?? 0, flip };
}

/** As it would be asked for. */
export function augmentText({ shift, flip }: Augment): string {
  return [...(shift > 0 ? [`shift=${shift}`] : []), ...(flip ? ["flip"] : [])].join(",") || "none";
}
