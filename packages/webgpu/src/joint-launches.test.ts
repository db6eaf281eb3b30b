import { RandomStream } from "@hone/core/internals";
import { expect, test } from "vitest";
import type { Place } from "./dispatch.js";
import { jointDispatch, jointsOf } from "./joint-launches.js";
import type { LabelledLaunch } from "./launch.js";

const operand = (block: string, at: number, length: number): Place => ({
  block,
  byteOffset: at * 256,
  shape: [length],
  dtype: "float32",
});

const launch = (
  label: string,
  read: readonly Place[],
  write: readonly Place[],
  more: Partial<LabelledLaunch> = {},
): LabelledLaunch => ({
  label,
  sources: ["fn work(group: u32, lane: u32) {}"],
  constants: {},
  prelude: [],
  read: Object.fromEntries(read.map((at, index) => [`x${index}`, at])),
  write: Object.fromEntries(write.map((at, index) => [`y${index}`, at])),
  invocations: 128,
  usesStep: false,
  spread: (invocations) => ({ workgroups: Math.ceil(256 / invocations) }),
  ...more,
});

const labels = (launches: readonly LabelledLaunch[]) =>
  jointsOf(launches).map((joint) => joint.launches.map(({ label }) => label).join("+"));

const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => operand(name, 0, 64)) as [
  Place,
  Place,
  Place,
  Place,
];

test("what reads or writes what another writes comes after it, the rest goes along", () => {
  expect(labels([launch("1", [a], [b]), launch("2", [b], [c]), launch("3", [a], [d])])).toEqual([
    "1+3",
    "2",
  ]);
  // The memory of `a` is used again.
  expect(labels([launch("1", [a], [b]), launch("2", [c], [a])])).toEqual(["1", "2"]);
  expect(labels([launch("1", [a], [b]), launch("2", [a], [b])])).toEqual(["1", "2"]);
});

test("a call's own workspace keeps nothing else waiting, and its second launch waits for its first", () => {
  const work = (length: number): Place => ({ workspace: true, offset: 0, length });
  const [first, second] = [work(100), work(50)];
  const launches = [
    launch("1", [a], [first]),
    launch("2", [first], [b]),
    launch("3", [a], [second]),
    launch("4", [second], [c]),
  ];
  expect(labels(launches)).toEqual(["1+3", "2+4"]);
  const huge = [work(2 ** 20), work(2 ** 20)] as const;
  expect(labels([launch("1", [a], [huge[0]]), launch("2", [a], [huge[1]])])).toEqual(["1", "2"]);
});

test("workgroups of two sizes go together where one of them can have the other's", () => {
  const only = (invocations: number) => ({
    invocations,
    spread: (asked: number) => (asked === invocations ? { workgroups: 3 } : undefined),
  });
  const [fixed, other] = [launch("1", [a], [b], only(64)), launch("2", [a], [c], only(32))];
  const free = launch("3", [a], [d]);
  expect(labels([fixed, other, free])).toEqual(["1+3", "2"]);
  expect(jointsOf([fixed, free])[0]?.invocations).toBe(64);
});

test("one shader has eight bindings and the shared memory of every device at most", () => {
  const parts = Array.from({ length: 9 }, (_, at) => operand("many", at, 64));
  const writes = parts.map((part, index) => launch(`${index}`, [], [part]));
  expect(labels(writes)).toEqual(["0+1+2+3+4+5+6+7", "8"]);
  const tiles = (name: string, length: number) => ({
    spread: () => ({ workgroups: 1, shared: { [name]: { type: "vec4<f32>", length } } }) as const,
  });
  const pair = (left: string, right: string) =>
    labels([launch("1", [a], [b], tiles(left, 600)), launch("2", [a], [c], tiles(right, 600))]);
  expect(pair("tile", "tile")).toEqual(["1+2"]);
  expect(pair("tile", "other")).toEqual(["1", "2"]);
});

test("a buffer that is written is bound to ranges that do not meet", () => {
  const [half, whole, far] = [operand("a", 0, 32), operand("a", 0, 64), operand("a", 9, 64)];
  expect(labels([launch("1", [half], [b]), launch("2", [whole], [c])])).toEqual(["1+2"]);
  expect(labels([launch("1", [half, whole], [b]), launch("2", [c], [far])])).toEqual(["1", "2"]);
  // The same range under two names of one launch.
  expect(labels([launch("1", [a, a], [b]), launch("2", [c], [d])])).toEqual(["1", "2"]);
});

test("the same memory is one binding, and each part of a shader has its own names", () => {
  const named = launch("1", [a], [b], {
    sources: [
      "struct Pair { x0: f32, y: f32 }\nfn work(group: u32, lane: u32) { y0[lane] = Pair(x0[lane], 1).x0; }",
    ],
  });
  const { shader, places, workgroups } = jointDispatch([named, launch("2", [a], [c])], 64);
  expect(places).toEqual([a, b, c]);
  expect(shader.access).toEqual(["read", "read_write", "read_write"]);
  expect(workgroups).toEqual([8, 1]);
  expect(shader.source).toContain("struct Pair_of0 { x0: f32, y: f32 }");
  expect(shader.source).toContain("bound1[lane] = Pair_of0(bound0[lane], 1).x0;");
  expect(shader.source).toContain(
    "if (group < 4u) { work_of0(group - 0u, lane); } else { work_of1(group - 4u, lane); }",
  );
});

test("of random launches none goes with, or before, one that it has to wait for", () => {
  const random = new RandomStream(3, 1);
  const pick = () => operand(`block${random.nextInteger(3)}`, random.nextInteger(6), 64);
  let together = 0;
  for (let round = 0; round < 50; round++) {
    const launches = Array.from({ length: 30 }, (_, index) =>
      launch(`${index}`, [pick(), pick()], [pick()]),
    );
    const joints = jointsOf(launches);
    const turn = new Map(
      joints.flatMap(({ launches }, at) => launches.map(({ label }) => [label, at] as const)),
    );
    expect(turn.size).toBe(launches.length);
    const key = (at: Place | undefined) => JSON.stringify(at);
    for (const [index, later] of launches.entries()) {
      for (const earlier of launches.slice(0, index)) {
        const written = [key(earlier.write.y0), key(later.write.y0)];
        const waits =
          Object.values({ ...later.read, ...later.write }).some((at) => key(at) === written[0]) ||
          Object.values(earlier.read).some((at) => key(at) === written[1]);
        if (!waits) continue;
        expect(turn.get(later.label)).toBeGreaterThan(turn.get(earlier.label) as number);
      }
    }
    together += launches.length - joints.length;
  }
  expect(together).toBeGreaterThan(200);
});

test("what stands in an entry many times keeps apart from what stands there once", () => {
  const often = Array.from({ length: 5 }, (_, index) =>
    launch(`often${index}`, [a], [operand("b", index, 64)]),
  );
  const once = launch("once", [a], [c], { constants: { ONCE: true } });
  expect(labels([...often.slice(0, 4), once])).toEqual(["often0+often1+often2+often3+once"]);
  expect(labels([...often, once])).toEqual(["often0+often1+often2+often3+often4", "once"]);
});

test("a launch that fills a GPU takes no other's shared memory upon it, but for a little", () => {
  const filling = launch("filling", [a], [b], { spread: () => ({ workgroups: 9000 }) });
  const sharing = (length: number) =>
    launch("sharing", [a], [c], {
      spread: () => ({ workgroups: 4, shared: { tile: { type: "f32", length } } }),
    });
  expect(labels([filling, sharing(256)])).toEqual(["filling+sharing"]);
  expect(labels([filling, sharing(257)])).toEqual(["filling", "sharing"]);
  expect(labels([sharing(257), launch("few", [a], [b])])).toEqual(["sharing+few"]);
});
