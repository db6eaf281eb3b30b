/**
 * Vulkan on Linux, in Node: Dawn needs the loader libvulkan.so.1, and prints a warning nobody can silence
 * when it is missing. Debian's Chromium brings a loader beside its software driver, outside the linker's
 * paths: loaded by its full name it serves Dawn just as well, since libraries are known by their soname.
 */

const LOADER = "libvulkan.so.1";
const SOFTWARE_DRIVER = "vk_swiftshader_icd.json";
/** RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE: the last keeps it when Node finds that it is no addon. */
const KEEP_LOADED = 0x2 | 0x100 | 0x1000;

const LIBRARY_FOLDERS = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/lib/x86_64-linux-gnu",
  "/lib/aarch64-linux-gnu",
  "/usr/local/lib",
  "/usr/lib64",
  "/usr/lib",
];
const BROWSER_FOLDERS = [
  "/usr/lib/chromium",
  "/usr/lib/chromium-browser",
  "/opt/google/chrome",
  "/opt/chromium.org/chromium",
];

type Exists = (file: string) => boolean;

export interface VulkanPlaces {
  /** The loader is where the linker finds it. */
  readonly installed: boolean;
  /** A loader the linker does not find by itself: beside the chosen driver. */
  readonly beside: string | undefined;
  /** A browser's software driver, for the hint. */
  readonly softwareDriver: string | undefined;
}

/** Looks for the loader and a software driver. Pure but for `exists`. */
export function findVulkan(
  environment: Readonly<Record<string, string | undefined>>,
  exists: Exists,
): VulkanPlaces {
  const listed = (environment.LD_LIBRARY_PATH ?? "").split(":").filter((folder) => folder !== "");
  const installed = [...listed, ...LIBRARY_FOLDERS].some((folder) => exists(`${folder}/${LOADER}`));
  const drivers = `${environment.VK_ICD_FILENAMES ?? ""}:${environment.VK_DRIVER_FILES ?? ""}`
    .split(":")
    .filter((file) => file !== "");
  const beside = drivers
    .map((file) => `${file.slice(0, file.lastIndexOf("/") + 1)}${LOADER}`)
    .find((file) => file.startsWith("/") && exists(file));
  const softwareDriver = BROWSER_FOLDERS.map((folder) => `${folder}/${SOFTWARE_DRIVER}`).find(
    exists,
  );
  return { installed, beside, softwareDriver };
}

let loaded = false;

/**
 * Makes the loader ready for Dawn where it can.
 * @returns what is wrong and what would help, or nothing when Dawn may start
 */
export function readyVulkan(): { reason: string; hint: string } | undefined {
  if (process.platform !== "linux" || loaded) return undefined;
  const { existsSync } = process.getBuiltinModule("node:fs");
  const { installed, beside, softwareDriver } = findVulkan(process.env, existsSync);
  if (installed) return undefined;
  if (beside === undefined) {
    const software =
      softwareDriver === undefined
        ? ""
        : `, or set VK_ICD_FILENAMES=${softwareDriver} for a software GPU`;
    return {
      reason: `this machine has no Vulkan loader (${LOADER})`,
      hint: `install the GPU's driver and the loader (Debian: apt-get install libvulkan1)${software}`,
    };
  }
  try {
    process.dlopen({ exports: {} }, beside, KEEP_LOADED);
  } catch {
    // Node reports that the library is no addon, by which time it is loaded.
  }
  loaded = true;
  return undefined;
}
