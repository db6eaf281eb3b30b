import { expect, test } from "vitest";
import { type Ink, inkOf, recentred, SIZE } from "./recentre.js";

/** A drawing with full ink where `has` says. */
function drawing(width: number, height: number, has: (x: number, y: number) => boolean): Ink {
  const values = new Uint8Array(width * height);
  for (let at = 0; at < values.length; at++) {
    values[at] = has(at % width, Math.floor(at / width)) ? 255 : 0;
  }
  return { width, height, values };
}

/** Columns and rows that have ink, and its centre of mass. */
function measured(pixels: Uint8Array) {
  const places = [...pixels.keys()].filter((at) => (pixels[at] as number) > 0);
  const columns = places.map((at) => at % SIZE);
  const rows = places.map((at) => Math.floor(at / SIZE));
  const sum = places.reduce((total, at) => total + (pixels[at] as number), 0);
  const mean = (axis: number[]) =>
    places.reduce(
      (total, at, index) => total + (pixels[at] as number) * (axis[index] as number),
      0,
    ) / sum;
  const extent = (axis: number[]) => Math.max(...axis) - Math.min(...axis) + 1;
  return {
    left: Math.min(...columns),
    width: extent(columns),
    height: extent(rows),
    x: mean(columns),
    y: mean(rows),
  };
}

test("a digit of any size and place fits 20 by 20 pixels, its mass in the middle", () => {
  for (const [left, top, width, height] of [
    [5, 5, 40, 100],
    [200, 20, 60, 30],
    [1, 270, 4, 4],
  ] as const) {
    const ink = drawing(
      280,
      280,
      (x, y) => x >= left && x < left + width && y >= top && y < top + height,
    );
    const found = measured(recentred(ink, "digit") as Uint8Array);
    expect(Math.max(found.width, found.height)).toBe(20);
    expect(found.width / found.height).toBeCloseTo(width / height, 0);
    expect(Math.abs(found.x - 13.5)).toBeLessThanOrEqual(0.5);
    expect(Math.abs(found.y - 13.5)).toBeLessThanOrEqual(0.5);
  }
});

test("heavy ink on one side moves a digit to the other, as far as the picture reaches", () => {
  const box = (SIZE - 20) / 2;
  for (const [bar, edge] of [
    [60, SIZE - 20],
    [30, SIZE - 20],
  ] as const) {
    const ink = drawing(100, 100, (x, y) => x < bar || (y > 48 && y < 52));
    const found = measured(recentred(ink, "digit") as Uint8Array);
    expect(found.width).toBe(20);
    const shift = found.left - box;
    expect(shift).toBeGreaterThan(0);
    expect(found.left).toBeLessThanOrEqual(edge);
    if (bar === 30) expect(found.left).toBe(edge);
    else expect(Math.abs(found.x - 13.5)).toBeLessThanOrEqual(0.5);
  }
});

test("a garment fills the picture, and no ink is no picture", () => {
  const shirt = drawing(90, 60, (x, y) => x >= 10 && x < 80 && y >= 10 && y < 50);
  expect(measured(recentred(shirt, "garment") as Uint8Array)).toMatchObject({
    width: 28,
    height: 16,
  });
  expect(
    recentred(
      drawing(50, 50, () => false),
      "digit",
    ),
  ).toBeUndefined();
});

test("dark ink on light paper, light on dark and clear paper give the same", () => {
  const paint = (ground: readonly number[], ink: readonly number[]) => {
    const rgba = new Uint8ClampedArray(20 * 20 * 4);
    for (let at = 0; at < 400; at++) {
      const inside = at % 20 > 6 && at % 20 < 12 && at > 100 && at < 300;
      rgba.set(inside ? ink : ground, at * 4);
    }
    return recentred(inkOf(rgba, 20, 20), "digit");
  };
  const [white, black] = [
    [255, 255, 255, 255],
    [0, 0, 0, 255],
  ] as const;
  const dark = paint(white, black);
  expect(dark?.some((value) => value === 255)).toBe(true);
  expect(paint(black, white)).toEqual(dark);
  expect(paint([0, 0, 0, 0], black)).toEqual(dark);
});
