/** The views by their names in the address, each loaded when it is first shown. */
import type { View } from "../view.js";

export interface ViewEntry {
  readonly name: string;
  readonly title: string;
  load(): Promise<View>;
}

/** In the order of the menu. */
export const views: readonly ViewEntry[] = [
  {
    name: "train",
    title: "Train",
    load: async () => (await import("../views/train/index.js")).train,
  },
  { name: "draw", title: "Draw", load: async () => (await import("../views/draw/index.js")).draw },
  {
    name: "teach",
    title: "Teach",
    load: async () => (await import("../views/teach/index.js")).teach,
  },
  { name: "race", title: "Race", load: async () => (await import("../views/race/index.js")).race },
  {
    name: "sequence",
    title: "Sequence",
    load: async () => (await import("../views/sequence/index.js")).sequence,
  },
];
