/** `hone backends`. */

import { resultTable } from "@hone/report";
import type { Command } from "../command.js";
import { allBackends } from "../devices.js";

export const backendsCommand: Command = {
  name: "backends",
  summary: "show what this machine can compute on",
  description:
    "Asks every backend whether it works here. For one that does not: why, and what would help.",
  options: [],
  async run(_given, { terminal }) {
    const found = [];
    for (const backend of allBackends()) {
      terminal.show(`asking ${backend.name}`);
      found.push({ name: backend.name, probe: await backend.probe() });
    }
    const rows = found.map(({ name, probe }) =>
      probe.ok
        ? { backend: name, works: "yes", device: probe.info.description, kind: probe.info.kind }
        : { backend: name, works: "no", device: probe.reason },
    );
    terminal.print(resultTable(rows));
    for (const { name, probe } of found) {
      if (!probe.hint) continue;
      const aim = probe.ok ? `To make ${name} faster` : `To use ${name}`;
      terminal.print(`\n${aim}: ${probe.hint.replace(/\.$/, "")}.`);
    }
    terminal.print("\nFiles      none written");
  },
};
