/**
 * Why a page has no WebGPU, and what would bring it.
 *
 * Surprising fact: a version number alone does not tell. Firefox 141 brought WebGPU to Windows, 145 to Macs, and neither
 * to Linux; whoever has a newer one than the hint asks for must not be told to update.
 */

/** Browsers in the order in which their names decide: Edge calls itself Chrome as well, and Chrome Safari. */
const BROWSERS = [
  {
    name: "Firefox",
    version: /Firefox\/(\d+)/,
    since: 141,
    where: "about:config, dom.webgpu.enabled",
  },
  {
    name: "Edge",
    version: /Edg\/(\d+)/,
    since: 113,
    where: "edge://flags, and hardware acceleration",
  },
  {
    name: "Chrome",
    version: /Chrome\/(\d+)/,
    since: 113,
    where: "chrome://flags, and hardware acceleration",
  },
  {
    name: "Safari",
    version: /Version\/(\d+).* Safari\//,
    since: 26,
    where: "the feature flags of its settings",
  },
] as const;

const OTHERS = "Chrome or Edge 113, Safari 26 or Firefox 141, or a later one";

export interface AbsentWebgpu {
  readonly reason: string;
  readonly hint: string;
}

/** For a page or a worker whose `navigator.gpu` is missing. @param agent as `navigator.userAgent` has it */
export function absentWebgpu(
  agent: string | undefined = globalThis.navigator?.userAgent,
  isSecure: boolean | undefined = globalThis.isSecureContext,
): AbsentWebgpu {
  if (isSecure === false) {
    return {
      reason: "a page without https gets no WebGPU",
      hint: "serve the page over https or from localhost",
    };
  }
  for (const { name, version: pattern, since, where } of BROWSERS) {
    const version = Number(pattern.exec(agent ?? "")?.[1] ?? 0);
    if (version === 0) continue;
    if (version < since) break;
    return {
      reason: `${name} ${version} has WebGPU switched off, or none on this system (navigator.gpu is missing)`,
      hint: `see ${where}, or use another browser that has WebGPU here`,
    };
  }
  return {
    reason: "this browser has no WebGPU (navigator.gpu is missing)",
    hint: `use ${OTHERS}`,
  };
}
