/** Finds circles among the files of a package: files that import one another, types included. */
import path from "node:path";
import { isTest, readImports } from "./check-imports.mjs";

/**
 * @param {ReadonlyMap<string, string>} sources text by path from the repository's root, with forward slashes
 * @returns {string[]} a line for each circle: `a.ts -> b.ts -> a.ts`
 */
export function importCycles(sources) {
  const targets = new Map();
  for (const [file, text] of sources) {
    if (isTest(file)) continue;
    const found = readImports(file, text)
      .filter(({ specifier }) => /^\.{1,2}\/.*\.js$/.test(specifier))
      .map(({ specifier }) => {
        const target = path.posix.join(path.posix.dirname(file), specifier);
        return target.replace(/\.js$/, ".ts");
      });
    targets.set(
      file,
      [...new Set(found)].filter((target) => sources.has(target)),
    );
  }
  return circlesOf(targets).map((circle) => [...circle, circle[0]].join(" -> "));
}

/** Tarjan's strongly connected components, each as one way around it. */
function circlesOf(targets) {
  const order = new Map();
  const lowest = new Map();
  const stack = [];
  const circles = [];
  const visit = (file) => {
    order.set(file, order.size);
    lowest.set(file, order.get(file));
    stack.push(file);
    for (const target of targets.get(file) ?? []) {
      if (!order.has(target)) {
        visit(target);
        lowest.set(file, Math.min(lowest.get(file), lowest.get(target)));
      } else if (stack.includes(target)) {
        lowest.set(file, Math.min(lowest.get(file), order.get(target)));
      }
    }
    if (lowest.get(file) !== order.get(file)) return;
    const component = stack.splice(stack.indexOf(file));
    const alone = component.length === 1 && !targets.get(file)?.includes(file);
    if (!alone) circles.push(wayAround(component, targets));
  };
  for (const file of [...targets.keys()].sort()) if (!order.has(file)) visit(file);
  return circles;
}

/** The shortest way from the component's first file back to it. */
function wayAround(component, targets) {
  const members = new Set(component);
  const start = [...component].sort()[0];
  const from = new Map([[start, undefined]]);
  const queue = [start];
  for (const file of queue) {
    for (const target of targets.get(file) ?? []) {
      if (target === start) {
        const way = [];
        for (let at = file; at !== undefined; at = from.get(at)) way.unshift(at);
        return way;
      }
      if (!members.has(target) || from.has(target)) continue;
      from.set(target, file);
      queue.push(target);
    }
  }
  return component;
}
