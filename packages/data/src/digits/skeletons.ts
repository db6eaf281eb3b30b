/**
 * The ten digits as pen strokes in the unit square, x to the right and y down, several ways of
 * writing each. A stroke is a polyline fine enough that it still bends when it is distorted.
 */

/** x0, y0, x1, y1, … */
export type Stroke = readonly number[];
export type Skeleton = readonly Stroke[];

/** Longest piece of a straight line, so that a distortion can bend it. */
const LONGEST_PIECE = 0.12;
const ARC_PIECE_DEGREES = 24;

/** Points of an ellipse's arc; 0° is to the right, 90° is down. */
function arc(
  centerX: number,
  centerY: number,
  radiusX: number,
  radiusY: number,
  fromDegrees: number,
  toDegrees: number,
): number[] {
  const pieces = Math.ceil(Math.abs(toDegrees - fromDegrees) / ARC_PIECE_DEGREES);
  return Array.from({ length: pieces + 1 }, (_, index) => {
    const angle = ((fromDegrees + ((toDegrees - fromDegrees) * index) / pieces) * Math.PI) / 180;
    return [centerX + radiusX * Math.cos(angle), centerY + radiusY * Math.sin(angle)];
  }).flat();
}

/** Points of a quadratic Bézier curve. */
function bend(x0: number, y0: number, x1: number, y1: number, x2: number, y2: number): number[] {
  const pieces = 5;
  return Array.from({ length: pieces + 1 }, (_, index) => {
    const t = index / pieces;
    const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
    return [a * x0 + b * x1 + c * x2, a * y0 + b * y1 + c * y2];
  }).flat();
}

/** One stroke through all the points, long straight pieces cut up. */
function stroke(...parts: readonly (readonly number[])[]): Stroke {
  const corners = parts.flat();
  const points = corners.slice(0, 2);
  for (let index = 2; index < corners.length; index += 2) {
    const [x0, y0, x1, y1] = corners.slice(index - 2, index + 2) as [
      number,
      number,
      number,
      number,
    ];
    const pieces = Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0) / LONGEST_PIECE));
    for (let piece = 1; piece <= pieces; piece++) {
      points.push(x0 + ((x1 - x0) * piece) / pieces, y0 + ((y1 - y0) * piece) / pieces);
    }
  }
  return points;
}

/** `SKELETONS[digit]` lists the ways that digit is written. */
export const SKELETONS: readonly (readonly Skeleton[])[] = [
  [
    [stroke(arc(0.5, 0.5, 0.3, 0.46, -90, 270))],
    [stroke(arc(0.5, 0.5, 0.22, 0.46, -60, 290))],
    [stroke(arc(0.5, 0.52, 0.36, 0.4, -110, 255))],
  ],
  [
    [stroke([0.5, 0.03, 0.5, 0.97])],
    [stroke([0.34, 0.24, 0.54, 0.04, 0.52, 0.97])],
    [stroke([0.34, 0.24, 0.52, 0.04, 0.52, 0.96]), stroke([0.3, 0.96, 0.74, 0.96])],
  ],
  [
    [stroke(arc(0.48, 0.3, 0.28, 0.26, -165, 35), [0.18, 0.95, 0.84, 0.95])],
    [
      stroke(
        arc(0.5, 0.28, 0.26, 0.24, -160, 50),
        bend(0.66, 0.48, 0.45, 0.8, 0.24, 0.9),
        bend(0.16, 0.8, 0.3, 0.72, 0.45, 0.88),
        bend(0.45, 0.88, 0.65, 0.99, 0.86, 0.9),
      ),
    ],
    [stroke([0.2, 0.12], bend(0.4, 0.0, 0.8, 0.05, 0.72, 0.34), [0.2, 0.94, 0.82, 0.92])],
  ],
  [
    [stroke(arc(0.46, 0.27, 0.26, 0.23, -150, 90), arc(0.46, 0.73, 0.3, 0.23, -90, 150))],
    [stroke([0.2, 0.06, 0.76, 0.06, 0.44, 0.4], arc(0.46, 0.68, 0.29, 0.27, -95, 145))],
    [
      stroke(
        arc(0.44, 0.28, 0.3, 0.24, -130, 70),
        [0.4, 0.5],
        arc(0.46, 0.73, 0.26, 0.23, -60, 165),
      ),
    ],
  ],
  [
    [stroke([0.62, 0.04, 0.14, 0.64, 0.88, 0.64]), stroke([0.66, 0.3, 0.66, 0.97])],
    [stroke([0.24, 0.05, 0.2, 0.5, 0.78, 0.5]), stroke([0.76, 0.06, 0.7, 0.97])],
    [stroke([0.66, 0.97, 0.66, 0.04, 0.16, 0.62, 0.86, 0.6])],
  ],
  [
    [stroke([0.8, 0.05, 0.3, 0.05, 0.26, 0.46], arc(0.47, 0.68, 0.31, 0.27, -125, 150))],
    [
      stroke([0.32, 0.08, 0.28, 0.42], arc(0.45, 0.68, 0.3, 0.27, -110, 140)),
      stroke([0.3, 0.08, 0.82, 0.04]),
    ],
    [
      stroke(
        bend(0.82, 0.1, 0.5, 0.02, 0.34, 0.12),
        [0.24, 0.4],
        bend(0.24, 0.4, 0.8, 0.4, 0.74, 0.7),
        bend(0.74, 0.7, 0.6, 1.02, 0.16, 0.9),
      ),
    ],
  ],
  [
    [stroke(bend(0.7, 0.04, 0.24, 0.22, 0.22, 0.7), arc(0.49, 0.71, 0.27, 0.25, 180, -180))],
    [stroke(bend(0.54, 0.02, 0.28, 0.3, 0.26, 0.66), arc(0.5, 0.74, 0.24, 0.22, 200, -150))],
    [stroke(arc(0.56, 0.52, 0.32, 0.45, -60, -195), arc(0.5, 0.72, 0.26, 0.22, 170, -170))],
  ],
  [
    [stroke([0.14, 0.08, 0.84, 0.08, 0.4, 0.97])],
    [stroke([0.16, 0.1, 0.82, 0.06, 0.42, 0.97]), stroke([0.3, 0.5, 0.76, 0.48])],
    [stroke([0.16, 0.22, 0.18, 0.08, 0.82, 0.1], bend(0.82, 0.1, 0.52, 0.45, 0.48, 0.96))],
  ],
  [
    [stroke(arc(0.5, 0.27, 0.22, 0.22, 90, 450)), stroke(arc(0.5, 0.73, 0.28, 0.24, -90, 270))],
    [
      stroke(
        bend(0.74, 0.12, 0.5, -0.06, 0.3, 0.14),
        bend(0.3, 0.14, 0.2, 0.34, 0.5, 0.48),
        bend(0.5, 0.48, 0.86, 0.66, 0.72, 0.86),
        bend(0.72, 0.86, 0.5, 1.06, 0.28, 0.86),
        bend(0.28, 0.86, 0.16, 0.64, 0.52, 0.46),
        bend(0.52, 0.46, 0.82, 0.3, 0.74, 0.12),
      ),
    ],
  ],
  [
    [stroke(arc(0.48, 0.29, 0.26, 0.25, 0, 360), [0.7, 0.97])],
    [stroke(arc(0.48, 0.28, 0.24, 0.24, -20, -350), bend(0.74, 0.3, 0.82, 0.95, 0.28, 0.93))],
    [stroke(arc(0.46, 0.3, 0.27, 0.22, -40, -330), [0.73, 0.08, 0.6, 0.97])],
  ],
];
