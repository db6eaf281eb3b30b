// What modules made at run time (src/generated/map-module.ts) call: functions of four lanes.
import { erf4, exp4, log4, pow4, sigmoid4, softplus4, tanh4 } from "./math";

export function mapErf(x: v128): v128 {
  return erf4(x);
}
export function mapExp(x: v128): v128 {
  return exp4(x);
}
export function mapLog(x: v128): v128 {
  return log4(x);
}
export function mapPow(a: v128, b: v128): v128 {
  return pow4(a, b);
}
export function mapSigmoid(x: v128): v128 {
  return sigmoid4(x);
}
export function mapSoftplus(x: v128): v128 {
  return softplus4(x);
}
export function mapTanh(x: v128): v128 {
  return tanh4(x);
}
