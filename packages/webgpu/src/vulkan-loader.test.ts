import { expect, test } from "vitest";
import { findVulkan } from "./vulkan-loader.js";

const among =
  (...files: string[]) =>
  (file: string) =>
    files.includes(file);

test("a loader in the linker's own folders or in LD_LIBRARY_PATH is enough", () => {
  expect(findVulkan({}, among("/usr/lib/x86_64-linux-gnu/libvulkan.so.1")).installed).toBe(true);
  const environment = { LD_LIBRARY_PATH: "/a:/b" };
  expect(findVulkan(environment, among("/b/libvulkan.so.1")).installed).toBe(true);
  expect(findVulkan({}, among()).installed).toBe(false);
});

test("without one, the loader beside the chosen driver serves, and a browser's driver is named", () => {
  const found = findVulkan(
    { VK_ICD_FILENAMES: "/usr/lib/chromium/vk_swiftshader_icd.json" },
    among("/usr/lib/chromium/libvulkan.so.1", "/usr/lib/chromium/vk_swiftshader_icd.json"),
  );
  expect(found).toEqual({
    installed: false,
    beside: "/usr/lib/chromium/libvulkan.so.1",
    softwareDriver: "/usr/lib/chromium/vk_swiftshader_icd.json",
  });
});
