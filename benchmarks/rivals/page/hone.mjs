/** Hone in a page: the same training as in Node, from the same built packages. */
import { predictHone } from "../../hone/prediction.mjs";
import { trainHone } from "../../hone/training.mjs";

globalThis.runTask = ({ task, ...settings }) =>
  task === "predict"
    ? predictHone({ ...settings, folder: "/" })
    : trainHone({ ...settings, folder: "/" });
