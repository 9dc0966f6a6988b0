// Bytes to numbers.

const SMALL = {
  f8_e4m3fn: [4, 3, 7, false],
  f8_e5m2: [5, 2, 15, true],
  f16: [5, 10, 15, true],
};

/** The number that some bits stand for. */
function decode(bits, [exponents, mantissas, bias, hasInfinity]) {
  const sign = bits >> (exponents + mantissas) ? -1 : 1;
  const [exponent, mantissa] = [(bits >> mantissas) & ((1 << exponents) - 1), bits & ((1 << mantissas) - 1)];
  if (hasInfinity && exponent === (1 << exponents) - 1) return mantissa ? NaN : sign * Infinity;
  if (exponent === 0) return sign * mantissa * 2 ** (1 - bias - mantissas);
  return sign * (1 + mantissa / 2 ** mantissas) * 2 ** (exponent - bias);
}

/** Bytes of a dtype as an array of numbers. */
export function numbers(bytes, dtype) {
  if (dtype === 'f32') return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  if (dtype === 'bf16') {
    const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    return new Float32Array(Uint32Array.from(halves, (bits) => bits << 16).buffer);
  }
  const size = dtype === 'f16' ? 2 : 1;
  const table = Float32Array.from({ length: 1 << (8 * size) }, (_, bits) => decode(bits, SMALL[dtype]));
  const words = size === 2 ? new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2) : bytes;
  return Float32Array.from(words, (bits) => table[bits]);
}

/** Of numbers: how many there are in each of `bins` from `low` to `high`, mean, standard deviation, extremes. */
export function summary(values) {
  let [low, high, sum, squares, zeros] = [Infinity, -Infinity, 0, 0, 0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
    if (value === 0) zeros += 1;
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return { low, high, mean, std: Math.sqrt(Math.max(0, squares / values.length - mean * mean)), zeros, count: values.length };
}

export function histogram(values, low, high, bins) {
  const counts = new Float64Array(bins);
  const scale = bins / (high - low);
  for (const value of values) counts[Math.min(bins - 1, Math.max(0, Math.floor((value - low) * scale)))] += 1;
  return counts;
}

/** A number in few digits. */
export const short = (value) => (value === 0 ? '0' : String(Number(value.toPrecision(4))));
