export { default as code } from "./worker.ts?worker-text";
