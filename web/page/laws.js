// The initializers that the page offers, and the densities of laws.

/** Text, formula. Fans are those of a weight [out, in, …]. */
export const LAWS = [
  ['normal(0,0.02)', 'Normal with mean 0 and standard deviation 0.02.'],
  ['kaiming_normal(fan_in,relu)', 'Normal with σ = √2 / √fan_in (He 2015, as torch.nn.init has it).'],
  ['kaiming_uniform(fan_in,relu)', 'Uniform on ±√3 · √2 / √fan_in (He 2015, as torch.nn.init has it).'],
  ['xavier_normal', 'Normal with σ = √(2 / (fan_in + fan_out)) (Glorot 2010).'],
  ['xavier_uniform', 'Uniform on ±√(6 / (fan_in + fan_out)) (Glorot 2010).'],
  ['lecun_normal', 'Normal with σ = 1 / √fan_in, truncated at two σ, variance restored (JAX, Keras; weights are [in, out]).'],
  ['trunc_normal(0,0.02,-0.04,0.04)', 'Normal with mean 0 and σ = 0.02, given that it is between −0.04 and 0.04.'],
  ['uniform(-0.1,0.1)', 'Uniform between −0.1 and 0.1.'],
  ['orthogonal(1)', 'The orthogonal factor of a Gaussian matrix: Haar-distributed rows or columns.'],
  ['sparse(0.9,0.01)', 'Normal with σ = 0.01; in each column, 90 % of the elements are zero.'],
  ['log_uniform(0.001,0.1)', 'A number whose logarithm is uniform between those of 0.001 and 0.1.'],
  ['dt_bias(0.001,0.1,0.0001)', 'Mamba: the inverse softplus of a log-uniform time step.'],
  ['eye', 'Ones on the diagonal, zeros elsewhere.'],
  ['zeros', 'All zeros.'],
];

const normal = (x, mean, std) => Math.exp(-0.5 * ((x - mean) / std) ** 2) / (std * Math.sqrt(2 * Math.PI));

/** Of the standard normal law: Abramowitz and Stegun 26.2.17, within 7.5e-8. */
function below(z) {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail = normal(z, 0, 1) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return z < 0 ? tail : 1 - tail;
}

function logGamma(x) {
  // Stirling, after steps up to where its error does not matter.
  let shift = 0;
  for (; x < 10; x += 1) shift -= Math.log(x);
  return shift + (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3);
}

/** The density of a law, e.g. `normal(0, 0.02)`, where it has one; `zeros` is the share of exact zeros beside it. */
export function density(distribution, shape) {
  const [, name, list] = /^(\w+)(?:\((.*)\))?$/.exec(distribution) ?? [];
  const [a, b, c, d] = (list ?? '').split(',').map((text) => Number(text.split('=').pop()));
  switch (name) {
    case 'normal':
      return { of: (x) => normal(x, a, b), zeros: 0 };
    case 'uniform':
      return { of: (x) => (x >= a && x < b ? 1 / (b - a) : 0), zeros: 0 };
    case 'trunc_normal': {
      const inside = below((d - a) / b) - below((c - a) / b);
      return { of: (x) => (x >= c && x <= d ? normal(x, a, b) / inside : 0), zeros: 0 };
    }
    case 'log_uniform':
      return { of: (x) => (x >= a && x <= b ? 1 / (x * Math.log(b / a)) : 0), zeros: 0 };
    case 'orthogonal': {
      // An entry of a unit vector that is uniform on the sphere.
      const [rows, columns] = [shape[0], shape.slice(1).reduce((product, size) => product * size, 1)];
      const n = Math.max(rows, columns);
      if (n < 3) return undefined;
      const log = logGamma(n / 2) - logGamma((n - 1) / 2) - 0.5 * Math.log(Math.PI);
      const of = (x) => (Math.abs(x / a) < 1 ? Math.exp(log + ((n - 3) / 2) * Math.log1p(-((x / a) ** 2))) / a : 0);
      return { of, zeros: 0 };
    }
    default:
      return undefined;
  }
}
