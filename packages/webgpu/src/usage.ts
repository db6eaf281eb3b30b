/** Flags of the WebGPU specification. In Node there are no globals that hold them. */

export const BUFFER_USAGE = {
  mapRead: 0x01,
  copySource: 0x04,
  copyDestination: 0x08,
  uniform: 0x40,
  storage: 0x80,
} as const;

export const MAP_READ = 0x01;
export const STAGE_COMPUTE = 0x04;
