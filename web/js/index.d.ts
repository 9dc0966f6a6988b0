/// <reference types="@webgpu/types" />
import type { Plan, Prepared } from './runner.js';
export type { Plan, Prepared } from './runner.js';

export type DType = 'f32' | 'f16' | 'bf16' | 'f8_e4m3fn' | 'f8_e5m2';

/** A whole number: safe as a number, or a BigInt below 2^64. */
export type Whole = number | bigint;

/** A tensor, or a part of one, and where it goes. */
export interface Options {
  /** Sizes of the whole tensor; fans are read from it. */
  shape: Iterable<Whole>;
  /** The initializer, e.g. `normal(0,0.02)`, `kaiming_uniform(fan_in,relu)`, `orthogonal`. */
  init: string;
  /** Default: `f32`. f16 and bf16 lie two to a 32-bit word, the others four. */
  dtype?: DType;
  /** Default: 0. */
  seed?: Whole;
  /** The parameter's name: each name has random numbers of its own. */
  name?: string;
  /** The stream's 64 bits, instead of a name. Default: 0. */
  stream?: Whole;
  /** Only these elements, `[start, end)`, counted row by row. */
  elements?: readonly [Whole, Whole];
  /** Only a box: for each axis `[start, end)`, or `null` for all of it. */
  part?: readonly (readonly [Whole, Whole] | null | undefined)[];
  /** Only a shard, as `torch.chunk` cuts an axis; several of them for a mesh. */
  shard?: Shard | readonly Shard[];
  /** The axes as they lie in memory, the outermost first: `[1, 0]` is the transposed matrix. */
  permute?: readonly number[];
  /** Elements from the beginning of one row to that of the next. */
  pitch?: Whole;
  /** Elements between neighbours of each axis. */
  strides?: readonly Whole[];
  /** The first byte to write: a multiple of the element's size. Default: 0. */
  offset?: Whole;
}

export interface Shard {
  axis: number;
  index: Whole;
  of: Whole;
}

/**
 * Adds one compute pass to `encoder` that writes a tensor to `buffer`, which needs the usage STORAGE. Submits nothing. The pass is recorded
 * when the promise resolves: pipelines are compiled in the background, once for a device. Rejects with the library's message, and
 * then the encoder is as it was.
 */
export function fill(device: GPUDevice, encoder: GPUCommandEncoder, buffer: GPUBuffer, options: Options): Promise<void>;

/** Several fills together, ready to be recorded any number of times: `record(encoder)` is not asynchronous. */
export function prepare(device: GPUDevice, fills: readonly (Options & { buffer: GPUBuffer })[]): Promise<Prepared>;

/**
 * Writes a tensor with the CPU. A `Float32Array` holds f32, a `Uint16Array` bits of f16 or bf16, a `Float16Array` f16, a `Uint8Array` bytes of any
 * dtype. Gives the array back.
 */
export function fillArray<T extends ArrayBufferView>(array: T, options: Options): T;

/** The dispatches that write a tensor, as data, for a device with these limits (default: those that every WebGPU device has). */
export function plan(options: Options | readonly Options[], device?: PlanDevice): Plan;

export interface PlanDevice {
  limits?: Partial<Record<keyof GPUSupportedLimits, number>> | GPUSupportedLimits;
  /** A CPU that emulates a GPU; the values are the same, other shaders are faster. */
  emulated?: boolean;
}

/** Bytes that a tensor takes in memory. */
export function bytes(options: Options): number;

/** The law that an initializer is for a shape, with its numbers: `uniform(-0.0442, 0.0442)`. */
export function distribution(options: Options): string;

/** XXH3-128 of bytes, as the command prints it. */
export function digest(data: ArrayBuffer | ArrayBufferView): string;

/** Version of the values: the bits are the same as long as it is. */
export const valuesVersion: number;
