/** WGSL's signs of the comparisons of float32 or int32. */
export const COMPARISONS = {
  Equal: "==",
  NotEqual: "!=",
  Greater: ">",
  GreaterEqual: ">=",
  Less: "<",
  LessEqual: "<=",
} as const;
