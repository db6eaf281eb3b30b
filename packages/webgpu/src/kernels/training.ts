/** The kernels of a training step, beside those of the layers themselves. */
import { convolutionGradients } from "./convolution-gradients.js";
import type { Kernels } from "./kernel.js";
import { losses } from "./loss.js";
import { poolGradients } from "./pool-gradients.js";
import { rows } from "./rows.js";
import { schedules } from "./schedule.js";

export const kernels: Kernels = {
  ...convolutionGradients,
  ...poolGradients,
  ...losses,
  ...rows,
  ...schedules,
};
