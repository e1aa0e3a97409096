// @ts-check
/**
 * The drawing of a sound: loudness to bars, bars to an SVG; the same drawing as
 * posts/templatetags/voices.py makes.
 */

export const BARS = 58;
const STEP = 5;
const HEIGHT = 36;
const LOWEST = 2;
const SVG = "http://www.w3.org/2000/svg";

/**
 * Loudness over time to BARS numbers from 0 to 100; the loudest is 100.
 * @param {number[]} levels 0–1, at even distances
 */
export function barsOf(levels) {
  if (!levels.length) return Array(BARS).fill(0);
  const means = Array.from({ length: BARS }, (_, bar) => {
    const from = Math.floor((bar * levels.length) / BARS);
    const part = levels.slice(
      from,
      Math.max(from + 1, Math.floor(((bar + 1) * levels.length) / BARS)),
    );
    return part.reduce((sum, level) => sum + level, 0) / part.length;
  });
  const top = Math.max(...means);
  return means.map((mean) => (top > 0 ? Math.round((100 * mean) / top) : 0));
}

/**
 * How many bars have been heard.
 *
 * @param {number} positionMs
 * @param {number} durationMs
 * @param {number} bars
 */
export function heardBars(positionMs, durationMs, bars) {
  return durationMs > 0 ? Math.round((bars * Math.min(positionMs, durationMs)) / durationMs) : 0;
}

/** "0:42"; a part of a second counts as none. @param {number} ms */
export function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** @param {SVGSVGElement} svg @param {number[]} bars */
export function draw(svg, bars) {
  svg.replaceChildren(
    ...bars.map((bar, place) => {
      const tall = Math.max(LOWEST, ((HEIGHT - 2) * bar) / 100);
      const rect = document.createElementNS(SVG, "rect");
      const sizes = { x: place * STEP, y: (HEIGHT - tall) / 2, width: 3, height: tall, rx: 1.5 };
      for (const [name, value] of Object.entries(sizes)) rect.setAttribute(name, value.toFixed(1));
      return rect;
    }),
  );
}

/** Colour what has been heard. @param {SVGSVGElement} svg @param {number} count */
export function mark(svg, count) {
  [...svg.children].forEach((rect, place) => rect.classList.toggle("wave__on", place < count));
}
