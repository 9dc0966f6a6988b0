// What is compared: every law in every dtype, whole and as parts, each as options of the package and as arguments of the command.

const DTYPES = ['f32', 'f16', 'bf16', 'f8_e4m3fn', 'f8_e5m2'];

const WHOLE = [
  ['zeros', [61, 67]],
  ['constant(0.1)', [61, 67]],
  ['uniform(-0.1,0.3)', [61, 67]],
  ['normal(0,0.02)', [61, 67]],
  ['normal(0.5,0.02)', [300, 401]],
  ['trunc_normal(0,0.02,-0.04,0.04)', [61, 67]],
  ['xavier_uniform', [61, 67]],
  ['kaiming_normal(fan_in,relu)', [16, 8, 3, 3]],
  ['glorot_normal', [61, 67]],
  ['log_uniform(0.001,0.1)', [61, 67]],
  ['log_of_uniform(1,16)', [61, 67]],
  ['dt_bias(0.001,0.1,0.0001)', [61, 67]],
  ['rg_lru(0.9,0.999)', [61, 67]],
  ['a_log', [61, 16]],
  ['ramp(0,1)', [61, 67]],
  ['s4d_inv', [61, 16]],
  ['sinusoids(10000)', [61, 64]],
  ['sinusoids_interleaved(10000)', [61, 64]],
  ['sinusoids_concatenated(10000)', [61, 64]],
  ['power_law(-6,-1,0.7)', [61, 67]],
  ['power_law_heads(-5.5,0.5,1.6,2.5,16)', [61, 64]],
  ['zigzag(1,0,0.1)', [61, 67]],
  ['unit_rows(1)', [40, 70]],
  ['stft_real', [33, 1, 64]],
  ['stft_imag', [33, 1, 64]],
  ['eye(1)', [3, 3]],
  ['eye(0.5)', [61, 67]],
  ['dirac(1)', [8, 8, 3, 3]],
  ['sparse(0.4,0.02)', [61, 67]],
  ['sparse_rows(0.4,0.02)', [61, 67]],
  ['orthogonal(0.7)', [40, 70]],
  ['orthogonal(1,batch=1)', [3, 33, 65]],
  ['delta_orthogonal(1)', [40, 20, 3, 3]],
];

const PARTS = [
  ['constant(0.1)', [61, 67], { permute: [1, 0] }],
  ['constant(0.1)', [61, 128], { part: [null, [32, 96]] }],
  ['uniform(-0.1,0.3)', [61, 67], { part: [null, [5, 9]] }],
  ['uniform(-0.1,0.3)', [61, 128], { part: [null, [32, 96]] }],
  ['normal(0,0.02)', [61, 67], { permute: [1, 0] }],
  ['normal(0,0.02)', [61, 128], { part: [null, [32, 96]] }],
  ['normal(0,0.02)', [9, 5, 70], { part: [[1, 9], null, [3, 66]], permute: [2, 0, 1] }],
  ['trunc_normal(0,0.02,-0.04,0.04)', [61, 67], { permute: [1, 0] }],
  ['trunc_normal(0,0.02,-0.04,0.04)', [61, 128], { part: [null, [32, 96]] }],
  ['dt_bias(0.001,0.1,0.0001)', [61, 67], { permute: [1, 0] }],
  ['eye(1)', [61, 67], { part: [null, [3, 60]] }],
  ['sparse(0.4,0.02)', [61, 67], { part: [[3, 60], [0, 66]] }],
  ['orthogonal(0.7)', [40, 70], { part: [null, [8, 41]], permute: [1, 0] }],
  ['normal(0,0.02)', [61, 67], { elements: [1001, 3003] }],
  ['orthogonal(0.7)', [40, 70], { elements: [3, 2001] }],
];

function asArguments({ shape, init, dtype, seed, name, part, permute, elements }) {
  const line = ['--init', init, '--shape', shape.join(','), '--dtype', dtype, '--seed', String(seed), '--name', name];
  if (part) line.push(`--part=${part.map((range) => (range ? range.join(':') : ':')).join(',')}`);
  if (permute) line.push('--permute', permute.join(','));
  if (elements) line.push('--offset', String(elements[0]), '--count', String(elements[1] - elements[0]));
  return line;
}

export const cases = [...WHOLE, ...PARTS].flatMap(([init, shape, part = {}]) =>
  DTYPES.map((dtype) => {
    const options = { init, shape, dtype, seed: 5, name: 'h.0.mlp.up.weight', ...part };
    return { options, arguments: asArguments(options) };
  }));
