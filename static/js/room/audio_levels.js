/**
 * Who is heard, and whether the viewer talks into a muted microphone: measured a few times a second
 * while the page is visible.
 *
 * @import {RoomState} from "./state.js"
 */

import { mySeat } from "./selectors.js";
import { assigned } from "./state.js";

const EVERY_MS = 150;
const HEARD_LEVEL = 0.02; // RFC 6464 −34 dBov and louder: speech, not breath.
const TALKING_LEVEL = 0.55; // On the meter's decibel scale: a voice at arm's length.
const TALKING_TICKS = 5; // About 0.8 s of it, so that a cough is no hint.
const MOST_TICKS = 20;

/**
 * @typedef {object} LevelSources
 * @property {() => RoomState|null} state
 * @property {() => number[]} levels of the audio slots, 0–1
 * @property {() => number} own level of the own microphone, 0–1
 * @property {(heard: Set<number>, own: number) => void} onLevels
 * @property {(isTalking: boolean) => void} onTalkingMuted
 */

export class AudioLevels {
  /** @type {ReturnType<typeof setInterval>|undefined} */ #timer;
  #ticks = 0;
  #isTalking = false;

  /** @param {LevelSources} sources */
  constructor(sources) {
    this.sources = sources;
  }

  start() {
    this.stop();
    this.#timer = setInterval(() => this.#tick(), EVERY_MS);
  }

  stop() {
    clearInterval(this.#timer);
    this.#note(false, 0);
    this.sources.onLevels(new Set(), 0); // No ring stays lit after the last word.
  }

  #tick() {
    const state = this.sources.state();
    if (!state || globalThis.document?.hidden) return;
    const own = this.sources.own();
    const seat = mySeat(state);
    const heard = usersHeard(assigned(state).audio, this.sources.levels());
    if (seat?.mic && own >= TALKING_LEVEL) heard.add(seat.user.id);
    this.#note(Boolean(seat && !seat.mic && state.space.state === "live"), own);
    this.sources.onLevels(heard, own);
  }

  /** @param {boolean} isMuted on stage with the microphone off @param {number} own */
  #note(isMuted, own) {
    const step = own >= TALKING_LEVEL ? 1 : -0.5;
    this.#ticks = isMuted ? Math.min(MOST_TICKS, Math.max(0, this.#ticks + step)) : 0;
    const isTalking = this.#ticks >= (this.#isTalking ? 1 : TALKING_TICKS);
    if (isTalking === this.#isTalking) return;
    this.#isTalking = isTalking;
    this.sources.onTalkingMuted(isTalking);
  }
}

/** @param {(number|null)[]} slots @param {number[]} levels @returns {Set<number>} */
export function usersHeard(slots, levels) {
  /** @type {Set<number>} */
  const heard = new Set();
  levels.forEach((level, index) => {
    const user = slots[index] ?? null;
    if (level >= HEARD_LEVEL && user !== null) heard.add(user);
  });
  return heard;
}
