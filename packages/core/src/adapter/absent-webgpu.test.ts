import { expect, test } from "vitest";
import { absentWebgpu } from "./absent-webgpu.js";

const agents = {
  "Firefox 140": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Firefox 147": "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0",
  "Chrome 112":
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/112.0.0.0 Safari/537.36",
  "Edge 140":
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
  "Safari 26":
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
  "Safari 18":
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15",
} as const;

test.each(["Firefox 147", "Edge 140", "Safari 26"] as const)(
  "%s, which is new enough, is not told to be newer",
  (name) => {
    const { reason, hint } = absentWebgpu(agents[name], true);
    expect(reason).toBe(
      `${name} has WebGPU switched off, or none on this system (navigator.gpu is missing)`,
    );
    expect(hint).toMatch(/^see .+, or use another browser that has WebGPU here$/);
  },
);

test.each(["Firefox 140", "Chrome 112", "Safari 18"] as const)(
  "%s, which is too old, is told which would do",
  (name) => {
    expect(absentWebgpu(agents[name], true)).toEqual({
      reason: "this browser has no WebGPU (navigator.gpu is missing)",
      hint: "use Chrome or Edge 113, Safari 26 or Firefox 141, or a later one",
    });
  },
);

test("a page without https is told of that, whatever its browser", () => {
  for (const agent of [...Object.values(agents), "", undefined])
    expect(absentWebgpu(agent, false).hint).toBe("serve the page over https or from localhost");
  expect(absentWebgpu("something else", true).hint).toMatch(/^use Chrome/);
});
