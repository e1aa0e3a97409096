// @ts-check
/**
 * Players of voice clips: every `[data-voice]`, now or later in the page. One plays at a time, and
 * stops when its page goes. The <audio> element plays; without this file its own controls are
 * there.
 */

import { redraw } from "../dom.js";
import { fill, gettext } from "../i18n.js";
import { clock, heardBars, mark } from "./waveform.js";

const SPEEDS = [1, 1.25, 1.5, 2, 0.75];

/** @type {HTMLAudioElement | null} */
let playing = null;

/** @param {Element} box */
const audioOf = (box) => /** @type {HTMLAudioElement} */ (box.querySelector("audio"));
/** @param {Element} box */
const seekOf = (box) => /** @type {HTMLInputElement} */ (box.querySelector("[data-voice-seek]"));
/** @param {HTMLElement} box what the server measured; a file without a length says Infinity */
const durationOf = (box) => Number(box.dataset.duration) || (audioOf(box).duration || 0) * 1000;

/** @param {Element} box @param {string} name */
function setIcon(box, name) {
  const button = box.querySelector("[data-voice-play]");
  if (!button) return;
  redraw(button, name);
  button.setAttribute("aria-label", name === "pause" ? gettext("Pause") : gettext("Play"));
}

/** @param {HTMLElement} box */
export function show(box) {
  const audio = audioOf(box);
  const seek = seekOf(box);
  const duration = durationOf(box);
  const position = Math.min(audio.currentTime * 1000, duration);
  const whole = clock(Math.max(duration, 1000));
  const has = position > 0 || !audio.paused;
  seek.max = String(duration);
  seek.value = String(position);
  seek.setAttribute(
    "aria-valuetext",
    fill(gettext("%(now)s of %(all)s"), { now: clock(position), all: whole }),
  );
  const time = box.querySelector("[data-voice-time]");
  if (time) time.textContent = has ? `${clock(position)} / ${whole}` : whole;
  const wave = /** @type {SVGSVGElement | null} */ (box.querySelector(".wave"));
  if (wave) mark(wave, heardBars(position, duration, wave.children.length));
}

/** @param {HTMLAudioElement} audio */
function follow(audio) {
  const box = /** @type {HTMLElement | null} */ (audio.closest("[data-voice]"));
  if (!box) return;
  // Swapped out of the page it would play on, with no button left to stop it.
  if (!box.isConnected) return audio.pause();
  show(box);
  if (!audio.paused) requestAnimationFrame(() => follow(audio));
}

/** @param {HTMLElement} box */
function attach(box) {
  const audio = audioOf(box);
  box.classList.add("voice--on");
  audio.controls = false;
  audio.addEventListener("play", () => {
    if (playing && playing !== audio) playing.pause();
    playing = audio;
    setIcon(box, "pause");
    follow(audio);
  });
  audio.addEventListener("pause", () => setIcon(box, "play"));
  audio.addEventListener("ended", () => {
    audio.currentTime = 0;
    show(box);
  });
  audio.addEventListener("loadedmetadata", () => show(box));
  audio.addEventListener("error", () => box.classList.add("voice--broken"));
  show(box);
}

export function attachAll() {
  for (const box of document.querySelectorAll("[data-voice]:not(.voice--on)"))
    attach(/** @type {HTMLElement} */ (box));
  if (playing && !playing.isConnected) playing.pause();
}

/** @param {Element} box */
function speedUp(box) {
  const audio = audioOf(box);
  const next = SPEEDS[(SPEEDS.indexOf(audio.playbackRate) + 1) % SPEEDS.length];
  audio.playbackRate = next;
  audio.defaultPlaybackRate = next; // Loading the file would set it back.
  const button = /** @type {HTMLElement} */ (box.querySelector("[data-voice-speed]"));
  button.textContent = `${next}×`;
  button.setAttribute("aria-label", fill(gettext("Speed: %(n)s times"), { n: next }));
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const box = target.closest("[data-voice]");
  if (!box) return;
  const audio = audioOf(box);
  if (target.closest("[data-voice-play]")) {
    if (audio.paused) void audio.play().catch(() => box.classList.add("voice--broken"));
    else audio.pause();
  }
  if (target.closest("[data-voice-speed]")) speedUp(box);
});

document.addEventListener("input", (event) => {
  const seek = event.target;
  if (!(seek instanceof HTMLInputElement) || !seek.matches("[data-voice-seek]")) return;
  const box = /** @type {HTMLElement} */ (seek.closest("[data-voice]"));
  const audio = audioOf(box);
  const wanted = Number(seek.value) / 1000;
  if (audio.readyState > 0) audio.currentTime = wanted;
  else audio.addEventListener("loadedmetadata", () => (audio.currentTime = wanted), { once: true });
  if (audio.readyState === 0) audio.load();
  show(box);
});

window.addEventListener("parley:page", attachAll);
document.addEventListener("htmx:afterSettle", attachAll);
attachAll();
