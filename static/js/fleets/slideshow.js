// @ts-check
/**
 * Where the viewer stands: which Fleet of how many, how long it has been shown, and what holds the
 * time. No DOM here.
 *
 * Any number of reasons may hold the time at once (a finger on the picture, the pause button, a
 * reply being written, a hidden page, a picture still loading); it runs on when the last of them is
 * gone.
 */

const SHORTEST_MS = 6000;
const LONGEST_MS = 15000;
const PER_LETTER_MS = 55; // About 220 words a minute.

/** @param {number} letters @returns {number} how long a text of so many letters stands */
export const durationFor = (letters) =>
  Math.min(LONGEST_MS, Math.max(SHORTEST_MS, 2000 + letters * PER_LETTER_MS));

export class Slideshow {
  /** @param {number[]} durationsMs of each Fleet @param {number} at the first to show */
  constructor(durationsMs, at) {
    this.durationsMs = durationsMs;
    this.at = Math.min(Math.max(0, at), durationsMs.length - 1);
    this.passedMs = 0;
    /** @type {Set<string>} */
    this.holds = new Set();
  }

  /** @returns {number} 0 to 1, how much of the present one has passed */
  get share() {
    return Math.min(1, this.passedMs / (this.durationsMs[this.at] ?? SHORTEST_MS));
  }

  get isHeld() {
    return this.holds.size > 0;
  }

  /** @param {string} reason @param {boolean} on */
  hold(reason, on) {
    if (on) this.holds.add(reason);
    else this.holds.delete(reason);
  }

  /**
   * @param {number} ms since the last call
   * @returns {"same" | "moved" | "over"} "over": the last one has had its time
   */
  pass(ms) {
    if (this.isHeld) return "same";
    this.passedMs += ms;
    return this.share < 1 ? "same" : this.next();
  }

  /** @returns {"moved" | "over"} */
  next() {
    if (this.at + 1 >= this.durationsMs.length) return "over";
    return this.to(this.at + 1);
  }

  /** @returns {"moved" | "before"} "before": this was the first; its time begins again */
  back() {
    const isFirst = this.at === 0;
    this.to(Math.max(0, this.at - 1));
    return isFirst ? "before" : "moved";
  }

  /** @param {number} at @returns {"moved"} */
  to(at) {
    this.at = at;
    this.passedMs = 0;
    return "moved";
  }
}
