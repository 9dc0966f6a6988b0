/// <reference types="@webgpu/types" />

/** What is to be dispatched, as data: the description in `dispatch.json` of an export, with the texts and bytes it names. */
export interface Plan {
  /** Version of the values. */
  values_version: number;
  /** Every buffer by its name: `output` (`output1`, …) is filled, `workspace…` needs no contents. */
  buffers: Record<string, { size: number; file?: string }>;
  /** What to run, in this order. */
  dispatches: Dispatch[];
  /** WGSL by name. */
  shaders: Record<string, string>;
  /** Bytes of the buffers that have some. */
  contents: Record<string, Uint8Array>;
}

export interface Dispatch {
  shader: string;
  entry_point: string;
  /** Override constants of the pipeline. */
  constants: Record<string, number>;
  bindings: { group: number; binding: number; type: GPUBufferBindingType; buffer: string; offset: number; size: number }[];
  /** Workgroups. */
  grid: [number, number, number];
}

/** A plan with its pipelines and buffers, to be recorded any number of times. */
export interface Prepared {
  /** Adds one compute pass. */
  record(encoder: GPUCommandEncoder): void;
  /** Records into a pass of yours: sets its pipeline and bind group 0. */
  recordInPass(pass: GPUComputePassEncoder): void;
}

/** Compiles what a plan needs and makes its buffers, but for the targets, which are given by their names in the plan. Submits nothing. */
export function prepare(device: GPUDevice, plan: Plan, targets: Record<string, GPUBuffer>): Promise<Prepared>;

/** Reads the folder of `wgpu-init export` as a plan; `read` gives the contents of one of its files. */
export function readExport(read: (file: string) => Promise<Uint8Array>): Promise<Plan>;
