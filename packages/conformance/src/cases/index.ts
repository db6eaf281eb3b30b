/** Every op case. Each op of the table has at least one. */
import { binaryCases } from "./binary.js";
import type { OpCase } from "./case.js";
import { convolutionCases } from "./convolutions.js";
import { dataCases } from "./data.js";
import { depthwiseCases } from "./depthwise.js";
import { elementwiseCases } from "./elementwise.js";
import { fusedCases } from "./fused.js";
import { gatherCases } from "./gathers.js";
import { lossCases } from "./losses.js";
import { mapCases } from "./maps.js";
import { optimizerCases } from "./optimizers.js";
import { poolCases } from "./pools.js";
import { productCases } from "./products.js";
import { recurrentCases } from "./recurrent.js";
import { reducingMapCases } from "./reducing-maps.js";
import { reductionCases } from "./reductions.js";
import { shapeCases } from "./shape.js";

export const opCases: readonly OpCase[] = [
  elementwiseCases,
  binaryCases,
  shapeCases,
  gatherCases,
  reductionCases,
  productCases,
  convolutionCases,
  depthwiseCases,
  recurrentCases,
  poolCases,
  fusedCases,
  lossCases,
  dataCases,
  mapCases,
  reducingMapCases,
  optimizerCases,
].flat();

export type { CaseInput, CaseNode, OpCase, Tolerance, Values } from "./case.js";
