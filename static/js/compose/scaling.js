// @ts-check
/**
 * How large a picture is sent, and whether it moves: of numbers and bytes alone, without a page.
 * The server does the same with what comes unscaled (accounts/reencode.py).
 */

/**
 * @typedef {{area: number, short: number, longArea: number}} Bounds in pixels: the area, unless that
 * made the shorter side less than `short`; then up to `longArea`.
 */

const WEBP_SIDE_PX = 16_383;

/** @param {number} width @param {number} height @param {Bounds} bounds @returns {number} at most 1 */
export function scaleFor(width, height, { area, short, longArea }) {
  const own = width * height;
  const narrow = Math.min(short / Math.min(width, height), Math.sqrt(longArea / own));
  const wanted = Math.max(Math.sqrt(area / own), narrow);
  return Math.min(1, wanted, WEBP_SIDE_PX / Math.max(width, height));
}

/**
 * True for what may be an animation, which no canvas keeps.
 *
 * @param {Uint8Array} head the first kilobytes of the file
 */
export function mayMove(head) {
  const text = new TextDecoder("latin1").decode(head);
  if (text.startsWith("GIF8")) return true;
  // The bit "animation" of the flags (RFC 9649 section 2.7.1.2).
  if (text.startsWith("RIFF")) return text.startsWith("WEBPVP8X", 8) && ((head[20] ?? 0) & 2) > 0;
  // It stands before the pixels; a profile before it may be large, so what shows neither may move.
  if (text.startsWith("\x89PNG")) return text.includes("acTL") || !text.includes("IDAT");
  return false;
}
