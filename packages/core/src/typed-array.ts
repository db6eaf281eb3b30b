/** The arrays that cross the contract. `Float64Array` is what a 64-bit device reads and writes. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;
