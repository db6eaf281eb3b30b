// Functions of single elements beside the base's, and those that modules made at run time call.
export {
  binaryEluGrad,
  binaryEqual,
  binaryEqualInt,
  binaryGreater,
  binaryGreaterEqual,
  binaryGreaterEqualInt,
  binaryGreaterInt,
  binaryLess,
  binaryLessEqual,
  binaryLessEqualInt,
  binaryLessInt,
  binaryMaximum,
  binaryMinimum,
  binaryNotEqual,
  binaryNotEqualInt,
  binaryPow,
  binaryRealDiv,
  binarySquaredDifference,
  binarySub,
  select,
} from "../binary";
export * from "../functions";
export * from "../unary";
