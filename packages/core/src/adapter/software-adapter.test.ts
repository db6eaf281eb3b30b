import { expect, test } from "vitest";
import { adapterWords, isSoftwareAdapter } from "./software-adapter.js";

const nothing = { vendor: "", architecture: "", device: "", description: "" };

test("an adapter is software where it says so or bears the name of such a driver", () => {
  const swiftShader = { ...nothing, vendor: "google", architecture: "swiftshader" };
  const warp = { ...nothing, description: "Microsoft Basic Render Driver" };
  for (const info of [swiftShader, warp, { ...nothing, isFallbackAdapter: true }]) {
    expect(isSoftwareAdapter(info)).toBe(true);
  }
  const real = { ...nothing, vendor: "nvidia", architecture: "hopper", description: "NVIDIA H200" };
  expect(isSoftwareAdapter(real)).toBe(false);
  expect(isSoftwareAdapter({ ...real, isFallbackAdapter: false })).toBe(false);
  expect(adapterWords(real)).toEqual(["nvidia", "hopper", "NVIDIA H200"]);
});
