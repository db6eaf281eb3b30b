export { type CpuOptions, cpu } from "./backend.js";
