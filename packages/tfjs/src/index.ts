export { type StockName, type TfjsOptions, tfjs } from "./tfjs.js";
