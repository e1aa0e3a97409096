/** What a replay is at a moment: pure functions of milliseconds. No DOM, no clock. */

export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];
export const SHORTEST_CLIP_MS = 1_000;
const PIN_SHOWN_MS = 15_000;
const CUE_LINGERS_MS = 600; // A breath between two lines is no reason to blink.

/** @typedef {{at: number, end: number}} Span */
/** @typedef {{from: number, to: number}} Clip */
/** @typedef {{durationMs: number, longestMs: number}} Bounds of the replay, and of a clip */

/** "1:05", "1:01:05". @param {number} ms */
export function clock(ms) {
  const all = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  const tail = String(seconds).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/**
 * Where an address with `?t=` (seconds, or 1m5s) begins; 0 for nonsense and for what lies behind
 * the end.
 *
 * @param {string} search
 * @param {number} durationMs
 */
export function startOf(search, durationMs) {
  const text = new URLSearchParams(search).get("t") ?? "";
  const parts = /^(?:(\d{1,3})h)?(?:(\d{1,4})m)?(?:(\d{1,6})s?)?$/.exec(text);
  if (!parts) return 0;
  const [hours, minutes, seconds] = [parts[1], parts[2], parts[3]].map((part) => Number(part ?? 0));
  const ms = (hours * 3600 + minutes * 60 + seconds) * 1000;
  return ms < durationMs ? ms : 0;
}

/**
 * The place of the last thing that has begun, -1 before the first.
 *
 * @param {number[]} starts in order
 * @param {number} ms
 */
export function lastBegun(starts, ms) {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= ms) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * The places of all lines that are being said, two at once too.
 *
 * @param {Span[]} lines in order of `at`
 * @param {number} ms
 */
export function saidNow(lines, ms) {
  const last = lastBegun(
    lines.map((line) => line.at),
    ms,
  );
  const found = [];
  for (let place = last; place >= 0 && place > last - 4; place -= 1) {
    if (ms < lines[place].end + CUE_LINGERS_MS) found.unshift(place);
  }
  return found;
}

/**
 * The pin to show: the last one, for a while after it was pinned.
 *
 * @param {number[]} pins in order
 * @param {number} ms
 */
export function pinNow(pins, ms) {
  const place = lastBegun(pins, ms);
  return place >= 0 && ms - pins[place] < PIN_SHOWN_MS ? place : -1;
}

/** A speed one step up or down. @param {number} speed @param {number} step */
export function nextSpeed(speed, step) {
  const place = SPEEDS.indexOf(speed);
  return SPEEDS[
    Math.min(SPEEDS.length - 1, Math.max(0, (place < 0 ? SPEEDS.indexOf(1) : place) + step))
  ];
}

/**
 * The clip with a new beginning; its end follows where it would be too long or too short.
 *
 * @param {Clip} clip
 * @param {number} from
 * @param {Bounds} bounds
 * @returns {Clip}
 */
export function clipFrom(clip, from, { durationMs, longestMs }) {
  const begin = Math.max(0, Math.min(from, durationMs - SHORTEST_CLIP_MS));
  const isFitting = clip.to - begin >= SHORTEST_CLIP_MS && clip.to - begin <= longestMs;
  return { from: begin, to: isFitting ? clip.to : Math.min(durationMs, begin + longestMs) };
}

/**
 * The clip with a new end; its beginning follows.
 *
 * @param {Clip} clip
 * @param {number} to
 * @param {Bounds} bounds
 * @returns {Clip}
 */
export function clipTo(clip, to, { durationMs, longestMs }) {
  const end = Math.max(SHORTEST_CLIP_MS, Math.min(to, durationMs));
  const isFitting = end - clip.from >= SHORTEST_CLIP_MS && end - clip.from <= longestMs;
  return { from: isFitting ? clip.from : Math.max(0, end - longestMs), to: end };
}
