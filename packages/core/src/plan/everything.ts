/** All ops and passes at once, for who makes and plans graphs without waiting: suites, tools, and trials of a device. */
import { holdAllOps } from "../graph/ops/all.js";
import { lateFusions } from "./late-passes.js";
import { holdLateFusions } from "./passes.js";

export function holdEverything(): void {
  holdAllOps();
  holdLateFusions(lateFusions);
}
