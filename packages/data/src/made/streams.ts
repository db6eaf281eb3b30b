/** Streams of the generator that rows are drawn from, behind those that `HOST_STREAMS` of core names. */
export const MADE_STREAMS = {
  shapes: 0xffff0004,
  scenes: 0xffff0005,
  sines: 0xffff0006,
  sums: 0xffff0007,
  sentences: 0xffff0008,
} as const;
