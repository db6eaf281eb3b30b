export { default as code } from "./worker-alone.ts?worker-text";
