/** Options are checked everywhere; what is below this folder does so too. */
export {
  checkOptions,
  isAnything,
  isBoolean,
  isCount,
  isFiniteNumber,
  isFunction,
  isObject,
  isRate,
  isText,
  type Option,
  type OptionRule,
  type OtherNames,
  SIGNAL_OPTION,
} from "../options.js";
