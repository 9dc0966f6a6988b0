// A file of one tensor, and saving files.

const DTYPES = { f32: 'F32', f16: 'F16', bf16: 'BF16', f8_e4m3fn: 'F8_E4M3', f8_e5m2: 'F8_E5M2' };

/** The header of a safetensors file with one tensor. */
export function header(name, { dtype, shape }, length) {
  const json = JSON.stringify({ [name]: { dtype: DTYPES[dtype], shape, data_offsets: [0, length] } });
  const text = new TextEncoder().encode(json);
  const bytes = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(bytes.length - 8), true);
  bytes.set(text, 8);
  return bytes;
}

/** Hands a file to the visitor. */
export function save(name, parts) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(parts, { type: 'application/octet-stream' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
