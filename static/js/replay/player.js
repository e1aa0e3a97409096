/**
 * The player of a replay: our own bar over the browser's video, so that it is the same everywhere
 * and by keyboard.
 *
 * When the addresses of the files run out, the player asks for new ones and goes on where it was.
 */

import { redraw, set, write } from "../dom.js";
import { gettext } from "../i18n.js";
import { digitOf, keyOf } from "../keys.js";
import { toast } from "../toasts.js";
import { SPEEDS, clock, nextSpeed, startOf } from "./timeline.js";

const JUMP_S = 10;
const STEP_S = 5;
const HELD = new Set(["ArrowLeft", "ArrowRight"]); // Go on while held, as those of a slider do.
const RETRY_MS = [0, 1_000, 4_000, 10_000];

export class Player {
  #retries = 0;
  #isSeeking = false;
  #wantedMs = 0; // Where to go on once there are new addresses.

  /** @param {HTMLElement} root the article @param {() => void} onTime */
  constructor(root, onTime) {
    this.root = root;
    this.onTime = onTime;
    this.durationMs = Number(root.dataset.duration);
    this.video = /** @type {HTMLVideoElement} */ (find(root, "video"));
    this.seek = /** @type {HTMLInputElement} */ (find(root, "seek"));
    this.speed = /** @type {HTMLSelectElement} */ (find(root, "speed"));
    this.trouble = find(root, "trouble");
    this.frame = find(root, "frame");
    this.big = find(root, "big");
    this.#wire();
    this.#begin();
  }

  get ms() {
    return this.video.currentTime * 1000;
  }

  /** @param {number} ms */
  goTo(ms) {
    this.video.currentTime = Math.max(0, Math.min(ms, this.durationMs)) / 1000;
    this.#onTime();
  }

  /** From here on, with sound. @param {number} ms */
  playFrom(ms) {
    this.goTo(ms);
    void this.#play();
  }

  toggle() {
    if (this.video.paused) void this.#play();
    else this.video.pause();
  }

  close() {
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was ours */
  onKey(event) {
    const { video } = this;
    const key = keyOf(event);
    const digit = digitOf(event);
    /** @type {Record<string, () => void>} */
    const keys = {
      k: () => this.toggle(),
      " ": () => this.toggle(),
      j: () => this.#jump(-JUMP_S),
      l: () => this.#jump(JUMP_S),
      ArrowLeft: () => this.#jump(-STEP_S),
      ArrowRight: () => this.#jump(STEP_S),
      m: () => this.#mute(),
      f: () => this.#full(),
      "<": () => this.#setSpeed(nextSpeed(video.playbackRate, -1)),
      ">": () => this.#setSpeed(nextSpeed(video.playbackRate, 1)),
      Home: () => this.goTo(0),
      End: () => this.goTo(this.durationMs),
    };
    if (event.repeat && !HELD.has(key)) return digit !== "" || Object.hasOwn(keys, key);
    if (digit) this.goTo((Number(digit) / 10) * this.durationMs);
    else if (event.shiftKey && /^[a-z]$/.test(key)) return false;
    else if (Object.hasOwn(keys, key)) keys[key]();
    else return false;
    return true;
  }

  #wire() {
    const { root, video } = this;
    for (const name of ["bar", "big"]) find(root, name).hidden = false;
    video.controls = false;
    onPress(root, "play", () => this.toggle());
    onPress(root, "big", () => this.toggle());
    onPress(root, "back", () => this.#jump(-JUMP_S));
    onPress(root, "forward", () => this.#jump(JUMP_S));
    onPress(root, "mute", () => this.#mute());
    onPress(root, "full", () => this.#full());
    onPress(root, "link", () => void this.#copyLink());
    video.addEventListener("click", () => this.toggle());
    for (const event of ["play", "pause", "ended", "volumechange", "ratechange"])
      video.addEventListener(event, () => this.#draw());
    video.addEventListener("timeupdate", () => this.#onTime());
    video.addEventListener("playing", () => this.#showTrouble(""));
    video.addEventListener("waiting", () => this.#showTrouble(gettext("Loading")));
    video.addEventListener("canplay", () => this.#showTrouble(""));
    video.addEventListener("error", () => void this.#onError());
    video.addEventListener("loadedmetadata", () => this.#goOn());
    video.addEventListener("loadeddata", () => (this.#retries = 0));
    this.speed.addEventListener("change", () => this.#setSpeed(Number(this.speed.value)));
    this.seek.addEventListener("input", () => this.#onSeek());
    this.seek.addEventListener("change", () => (this.#isSeeking = false));
  }

  /** `?t=` is where to begin; nothing plays before the viewer has pressed. */
  #begin() {
    const ms = startOf(location.search, this.durationMs);
    if (ms) this.goTo(ms);
    if (this.video.error) void this.#onError(); // It failed before anybody listened.
    this.#draw();
    this.#onTime();
  }

  async #play() {
    try {
      await this.video.play();
    } catch (error) {
      // A pause, or new addresses, came first: nothing is wrong.
      if (!(error instanceof DOMException && error.name === "AbortError"))
        this.#showTrouble(gettext("Press play to begin."));
    }
  }

  #onSeek() {
    this.#isSeeking = true;
    this.goTo(Number(this.seek.value));
  }

  #onTime() {
    const ms = this.ms;
    if (!this.#isSeeking) this.seek.value = String(Math.round(ms));
    set(this.seek, "aria-valuetext", clock(ms));
    write(find(this.root, "now"), clock(ms));
    this.onTime();
  }

  #draw() {
    const { video } = this;
    const isPlaying = !video.paused && !video.ended;
    for (const name of ["play", "big"]) {
      const button = find(this.root, name);
      redraw(button, isPlaying ? "pause" : "play");
      set(button, "aria-label", isPlaying ? gettext("Pause") : gettext("Play"));
    }
    this.big.hidden = isPlaying || video.currentTime > 0;
    const mute = find(this.root, "mute");
    redraw(mute, video.muted ? "volume-x" : "volume-2");
    set(mute, "aria-pressed", String(video.muted));
    this.speed.value = String(video.playbackRate);
    set(this.root, "data-playing", String(isPlaying));
  }

  /** @param {number} seconds */
  #jump(seconds) {
    this.goTo(this.ms + seconds * 1000);
  }

  #mute() {
    this.video.muted = !this.video.muted;
  }

  /** @param {number} speed */
  #setSpeed(speed) {
    if (SPEEDS.includes(speed)) this.video.playbackRate = speed;
  }

  async #full() {
    if (document.fullscreenElement) await document.exitFullscreen();
    else
      await find(this.root, "player")
        .requestFullscreen?.()
        .catch(() => null);
  }

  async #copyLink() {
    const url = new URL(this.root.dataset.url ?? "", location.href);
    url.searchParams.set("t", String(Math.floor(this.ms / 1000)));
    try {
      await navigator.clipboard.writeText(url.href);
      toast(gettext("Link to this moment copied"));
    } catch {
      toast(gettext("The browser does not let us copy. Copy it from the address line."), "error");
    }
  }

  /** The address may have run out, or the connection broken: new addresses, the same moment. */
  async #onError() {
    if (!this.video.getAttribute("src")) return;
    if (this.#retries >= RETRY_MS.length)
      return this.#showTrouble(
        gettext("The replay cannot be played just now. Reload the page to try again."),
      );
    const [ms, isPlaying] = [Math.max(this.ms, this.#wantedMs), !this.video.paused];
    this.#wantedMs = ms;
    await new Promise((done) => setTimeout(done, RETRY_MS[this.#retries]));
    this.#retries += 1;
    const answer = await fetch(this.root.dataset.fresh ?? "", {
      headers: { Accept: "application/json" },
    }).catch(() => null);
    if (!answer?.ok)
      return this.#showTrouble(gettext("The replay is not available to you any more."));
    const files = await answer.json();
    this.video.src = files.video;
    if (isPlaying) void this.#play();
  }

  #goOn() {
    const ms = this.#wantedMs;
    if (!ms) return;
    this.#wantedMs = 0;
    this.goTo(ms);
  }

  /** @param {string} text */
  #showTrouble(text) {
    write(this.trouble, text);
    this.trouble.hidden = !text;
  }
}

/** @param {Element} root @param {string} name @returns {HTMLElement} */
export function find(root, name) {
  const found = root.querySelector(`[data-replay="${name}"]`);
  if (!(found instanceof HTMLElement)) throw new Error(`No ${name} on this page.`);
  return found;
}

/** @param {Element} root @param {string} name @param {() => void} action */
export function onPress(root, name, action) {
  root.querySelector(`[data-replay="${name}"]`)?.addEventListener("click", action);
}
