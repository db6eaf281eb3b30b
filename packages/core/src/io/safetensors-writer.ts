/** Safetensors files, written so that other readers open them. */
import { badModelFile } from "./bad-model-file.js";
import { parseJsonObject } from "./json.js";
import { HEADER, LENGTH_BYTES, METADATA, type NamedTensor, type TypeName } from "./safetensors.js";

export function typeOf(data: NamedTensor["data"]): TypeName {
  if (data instanceof Int32Array) return "I32";
  return data instanceof Float64Array ? "F64" : "F32";
}

/**
 * The bytes of a file. The widest tensors lie first, so that each is aligned.
 * @param metadata of the tensors' bytes, as they lie in the file: text by name. Asked twice, and its answers must be
 * equally long: the length of the header decides where the tensors lie.
 */
export async function writeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: (data?: Uint8Array<ArrayBuffer>) => Promise<Readonly<Record<string, string>>>,
): Promise<Uint8Array<ArrayBuffer>> {
  const placed = [...tensors].sort((a, b) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  let end = 0;
  const entries = placed.map(({ name, shape, data }) => {
    const begin = end;
    end += data.byteLength;
    return [name, { dtype: typeOf(data), shape, data_offsets: [begin, end] }] as const;
  });
  const headerOf = (texts: Readonly<Record<string, string>>) =>
    padded(JSON.stringify(Object.fromEntries([[METADATA, texts], ...entries])));
  const first = headerOf(await metadata());
  // What could not be read again is refused now, and not when it is needed.
  const names = Object.keys(parseJsonObject(first, "safetensors", HEADER));
  if (names.length !== entries.length + 1)
    throw badModelFile(
      "safetensors",
      `two tensors have one name, or one is "${METADATA}". Rename it.`,
    );
  const { length } = first;
  const file = new Uint8Array(LENGTH_BYTES + length + end);
  new DataView(file.buffer).setUint32(0, length, true);
  const data = file.subarray(LENGTH_BYTES + length);
  let at = 0;
  for (const { data: values } of placed) {
    data.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  file.set(headerOf(await metadata(data)), LENGTH_BYTES);
  return file;
}

/** Spaces at the end bring the tensors to a multiple of eight bytes. */
function padded(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const whole = new Uint8Array(Math.ceil(bytes.length / 8) * 8).fill(0x20);
  whole.set(bytes);
  return whole;
}
