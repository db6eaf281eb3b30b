/**
 * What only some options of `fit`, or a set to judge on, ask for: in one part that is loaded when one does, since more
 * parts would cost more than they save.
 */
export { checkedAugment } from "./augment-option.js";
export { planClassWeights } from "./class-weights.js";
export { StoppingRule } from "./early-stopping.js";
export { evaluate, prepareEvaluation } from "./evaluate.js";
export { checkEvaluateOptions } from "./evaluate-options.js";
export { checkSame, optionsToGoOn } from "./going-on.js";
export { checkedSchedule } from "./schedule.js";
export { builtInParts, largestInParts, withAdvice } from "./steps-in-parts.js";
export { TFJS_FIT_OPTIONS } from "./tfjs-options.js";
export { splitValidation } from "./validation.js";
