/** What an exported page needs of Hone, bundled into one text by scripts/site.mjs. */

export { compile, openModel, pictures } from "@hone/core/runtime";
export { wasm } from "@hone/wasm";
