// The histogram of some numbers, with the density of their law.
import { histogram, short } from './numbers.js';

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, BINS] = [640, 260, 12, 36, 14, 80];

const element = (name, attributes, text = '') => {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
};

/** Draws it into an SVG. Gives a text that says what is seen. */
export function plot(svg, values, of, density) {
  const margin = of.high > of.low ? 0 : Math.abs(of.low) || 1;
  const [low, high] = [of.low - margin, of.high + margin];
  const counts = histogram(values, low, high, BINS);
  const width = (high - low) / BINS;
  const heights = Array.from(counts, (count) => count / of.count / width);
  const curve = density && Array.from({ length: 257 }, (_, at) => [low + ((high - low) * at) / 256, density.of(low + ((high - low) * at) / 256)]);
  const most = Math.max(...heights, ...(curve ?? []).map(([, y]) => y)) * 1.05;
  const x = (value) => LEFT + ((value - low) / (high - low)) * (WIDTH - 2 * LEFT);
  const y = (value) => HEIGHT - BOTTOM - (value / most) * (HEIGHT - BOTTOM - TOP);
  const bars = heights.map((height, at) => element('rect', {
    x: x(low + at * width) + 0.5, y: y(height), width: (WIDTH - 2 * LEFT) / BINS - 1, height: HEIGHT - BOTTOM - y(height),
  }));
  const line = curve ? [element('path', { d: curve.map(([at, of], first) => `${first ? 'L' : 'M'}${x(at).toFixed(1)} ${y(of).toFixed(1)}`).join('') })] : [];
  const label = (value, anchor) => element('text', { x: x(value), y: HEIGHT - 9, 'text-anchor': anchor }, short(value));
  svg.replaceChildren(
    element('line', { x1: LEFT, x2: WIDTH - LEFT, y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM }),
    ...bars, ...line, label(low, 'start'), label(low < 0 && high > 0 ? 0 : (low + high) / 2, 'middle'), label(high, 'end'),
  );
  const what = `${of.count.toLocaleString('en')} values from ${short(of.low)} to ${short(of.high)}, mean ${short(of.mean)}, standard deviation ${short(of.std)}`;
  return density ? `${what}. The line is the exact density of the law.` : `${what}. The law has no density to draw.`;
}

/** A small histogram for a table. */
export function spark(values, of) {
  const svg = element('svg', { viewBox: '0 0 112 24', 'aria-hidden': 'true' });
  const margin = of.high > of.low ? 0 : 1;
  const counts = histogram(values, of.low - margin, of.high + margin, 28);
  const most = Math.max(...counts);
  counts.forEach((count, at) => svg.append(element('rect', { x: at * 4, y: 24 - (24 * count) / most, width: 3, height: (24 * count) / most })));
  return svg;
}
