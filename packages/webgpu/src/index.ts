export { directWebgpu } from "./backend.js";
