/** A vitest reporter that writes `{ passed, failed }` to the file HONE_TEST_COUNTS, for test.mjs. */
import { writeFileSync } from "node:fs";

export default class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length };
    for (const module of modules) {
      const states = [...module.children.allTests()].map((one) => one.result().state);
      const failed = states.filter((state) => state === "failed").length;
      counts.passed += states.filter((state) => state === "passed").length;
      // A file that could not be loaded, or whose hook failed, has no failed test of its own.
      counts.failed += module.state() === "failed" ? Math.max(failed, 1) : failed;
    }
    writeFileSync(process.env.HONE_TEST_COUNTS, JSON.stringify(counts));
  }
}
