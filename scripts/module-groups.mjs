/** What adapters are made with. */
const kits = ["backend-kit", "kernel-kit", "map-kit"];

/**
 * Modules that some job always loads together, and that a package therefore holds in one file: what is common to a
 * page's first code and to its late parts a bundler would otherwise cut into dozens of files, by which of them share
 * it. Compressed one by one these weigh a sixth more.
 *
 * A group is all that its modules import at once, less what earlier groups have, and less what the modules named
 * as `besides` import, which may be wanted without the rest. Every other module is a file of its own.
 *
 * @typedef {{ readonly name: string, readonly from: readonly string[], readonly besides?: readonly string[] }} Group
 * @type {Readonly<Record<string, readonly Group[]>>}
 */
export const moduleGroups = {
  core: [
    {
      name: "predicting",
      from: [
        "open-model",
        "compile-saved",
        "hosted",
        "adapter/late-absent-webgpu",
        "adapter/software-adapter",
        "adapter/calls",
        "graph/scalar-operations",
      ],
    },
    {
      name: "stepping",
      from: [
        "graph/steps",
        "run/training-stepper",
        "run/step-entries",
        "run/data-plan",
        "plan/late-passes",
      ],
    },
    { name: "capturing", from: ["compile"], besides: ["runtime", ...kits] },
    { name: "training", from: ["run/session-training"], besides: ["runtime", ...kits] },
  ],
  webgpu: [{ name: "predicting", from: ["lowering"], besides: ["index"] }],
  wasm: [
    { name: "opening", from: ["wasm"] },
    { name: "training", from: ["kernels/training", "kernels/maps"] },
  ],
};
