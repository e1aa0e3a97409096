// @ts-check
/**
 * The recorder inside a form: `[data-record]` opens `[data-recorder]`, which leaves the id of a
 * clip in the field `voice`.
 *
 *     closed → asking → recording → preview (uploading, preparing, ready) | refused
 *
 * While it records or uploads the form carries data-busy, and is not sent.
 */

import "../shared.js";
import { DeviceError } from "../room/media_devices.js";
import { fill, gettext } from "../i18n.js";
import { toast } from "../toasts.js";
import { Capture, canRecord } from "./capture.js";
import { attachAll, show as showPlayer } from "./player.js";
import { Refusal, forget, send, whenProcessed } from "./upload.js";
import { barsOf, clock, draw } from "./waveform.js";

const TICK_MS = 100;
const ANNOUNCED_AT_S = [30, 10]; // What a screen reader hears of the countdown.

class Recorder {
  /** @type {Capture | null} */ #capture = null;
  /** @type {AbortController | null} */ #upload = null;
  #ticker = 0;
  #clip = 0;
  #run = 0; // One more for each beginning: what a cancelled one still answers is not listened to.
  #announcedS = 0;

  /** @param {HTMLElement} box */
  constructor(box) {
    this.box = box;
    this.form = /** @type {HTMLFormElement} */ (box.closest("form"));
    this.mostMs = Number(box.dataset.most) * 1000;
    this.url = box.dataset.url ?? "";
  }

  /** @template {Element} T @param {string} selector @returns {T} */
  #part(selector) {
    return /** @type {T} */ (this.box.querySelector(selector));
  }

  /** @param {"asking" | "recording" | "preview" | "refused" | ""} step "" closes it */
  #show(step) {
    this.box.hidden = !step;
    for (const part of this.box.querySelectorAll("[data-step]")) {
      /** @type {HTMLElement} */ (part).hidden =
        /** @type {HTMLElement} */ (part).dataset.step !== step;
    }
    this.form.querySelector("[data-record]")?.setAttribute("aria-expanded", String(Boolean(step)));
  }

  /** @param {boolean} on */
  #busy(on) {
    this.form.toggleAttribute("data-busy", on);
    this.#changed();
  }

  /** @param {string} id */
  #setVoice(id) {
    this.#part("[data-voice-id]").setAttribute("value", id);
    /** @type {HTMLInputElement} */ (this.#part("[data-voice-id]")).value = id;
    this.#changed();
  }

  #changed() {
    // The composer's button depends on it.
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @param {string} text */
  #announce(text) {
    this.#part("[data-recorder-said]").textContent = text;
  }

  /** @param {string} text */
  #refuse(text) {
    this.#show("refused");
    this.#part("[data-recorder-error]").textContent = text;
    this.#announce(text);
    this.#busy(false);
  }

  /** What it is drawn with comes with the first use. @returns whether it is there */
  async #furnish() {
    if (this.#isFurnished) return true;
    const answer = await fetch(this.box.dataset.parts ?? "", {
      headers: { "HX-Request": "true" },
    }).catch(() => null);
    if (!answer?.ok) return false;
    const parts = await answer.text();
    if (!this.#isFurnished) this.box.insertAdjacentHTML("beforeend", parts);
    return this.#isFurnished;
  }

  get #isFurnished() {
    return this.box.querySelector("[data-step]") !== null;
  }

  async begin() {
    if (!(await this.#furnish())) return toast(document.body.dataset.wordOffline ?? "", "error");
    this.drop();
    const run = this.#run;
    if (!canRecord()) return this.#refuse(gettext("This browser cannot record sound."));
    this.#show("asking");
    this.#busy(true);
    try {
      const capture = await Capture.begin(() => void this.finish());
      if (run !== this.#run || !this.box.isConnected) return capture.drop();
      this.#capture = capture;
    } catch (error) {
      if (run === this.#run)
        this.#refuse(
          error instanceof DeviceError
            ? error.message
            : gettext("The microphone could not be opened."),
        );
      return;
    }
    this.#show("recording");
    this.#announcedS = Infinity;
    this.#announce(
      fill(gettext("Recording. %(n)s seconds left."), { n: Math.round(this.mostMs / 1000) }),
    );
    /** @type {HTMLElement} */ (this.#part("[data-recorder-stop]")).focus();
    this.#ticker = window.setInterval(() => this.#tick(), TICK_MS);
    this.#tick();
  }

  #tick() {
    const capture = this.#capture;
    if (!capture) return;
    if (!this.box.isConnected) return this.drop(); // The page went; so does the microphone.
    const leftMs = this.mostMs - capture.elapsedMs;
    /** @type {HTMLMeterElement} */ (this.#part("meter")).value = capture.listen();
    this.#part("[data-recorder-left]").textContent = clock(
      Math.ceil(Math.max(0, leftMs) / 1000) * 1000,
    );
    const mark = ANNOUNCED_AT_S.find(
      (seconds) => leftMs <= seconds * 1000 && seconds < this.#announcedS,
    );
    if (mark) {
      this.#announcedS = mark;
      this.#announce(fill(gettext("%(n)s seconds left"), { n: mark }));
    }
    if (leftMs <= 0) void this.finish();
  }

  /** End the recording, show it, and send it on its way. */
  async finish() {
    const capture = this.#capture;
    if (!capture) return;
    this.#capture = null;
    clearInterval(this.#ticker);
    const run = this.#run;
    const lengthMs = Math.min(capture.elapsedMs, this.mostMs);
    const blob = await capture.finish();
    if (run !== this.#run) return;
    this.#preview(blob, lengthMs, capture.levels);
    await this.#send(blob, run);
  }

  /** @param {Blob} blob @param {number} lengthMs @param {number[]} levels */
  #preview(blob, lengthMs, levels) {
    this.#show("preview");
    const player = /** @type {HTMLElement} */ (this.#part("[data-voice]"));
    const audio = /** @type {HTMLAudioElement} */ (this.#part("audio"));
    player.dataset.duration = String(Math.round(lengthMs));
    draw(this.#part(".wave"), barsOf(levels));
    URL.revokeObjectURL(audio.src);
    audio.src = URL.createObjectURL(blob);
    attachAll();
    showPlayer(player);
    /** @type {HTMLElement} */ (this.#part("[data-step=preview] [data-voice-play]")).focus();
  }

  /** @param {Blob} blob @param {number} run */
  async #send(blob, run) {
    const upload = (this.#upload = new AbortController());
    try {
      this.#progress(0, gettext("Uploading…"));
      const clip = await send(
        this.url,
        blob,
        (share) => this.#progress(share, gettext("Uploading…")),
        upload.signal,
      );
      this.#clip = clip.id;
      this.#progress(1, gettext("Being prepared…"));
      await whenProcessed(this.url, clip, upload.signal);
    } catch (error) {
      if (run === this.#run)
        this.#refuse(
          error instanceof Refusal ? error.message : gettext("The recording did not arrive."),
        );
      return;
    }
    if (run !== this.#run) return;
    this.#setVoice(String(this.#clip));
    this.#progress(-1, gettext("Ready to send"));
    this.#announce(gettext("The recording is ready to send."));
    this.#busy(false);
  }

  /** @param {number} share below 0 there is nothing to wait for @param {string} words */
  #progress(share, words) {
    const bar = /** @type {HTMLProgressElement} */ (this.#part("progress"));
    bar.hidden = share < 0;
    if (share < 1) bar.value = Math.max(0, share);
    else bar.removeAttribute("value"); // Under way, and nobody knows how long.
    this.#part("[data-recorder-state]").textContent = words;
  }

  /** Forget whatever there is, and close. */
  drop() {
    if (this.#clip) forget(this.url, this.#clip);
    this.close();
  }

  /** Close without forgetting: the form was sent, and the clip is in use. */
  close() {
    if (!this.#isFurnished) return;
    this.#run += 1;
    this.#clip = 0;
    clearInterval(this.#ticker);
    this.#capture?.drop();
    this.#capture = null;
    this.#upload?.abort();
    this.#upload = null;
    const audio = /** @type {HTMLAudioElement} */ (this.#part("audio"));
    audio.pause();
    this.#show("");
    this.#part("[data-recorder-state]").textContent = "";
    this.#announce("");
    this.#setVoice("");
    this.#busy(false);
  }
}

/** @type {WeakMap<Element, Recorder>} */
const recorders = new WeakMap();

/** @param {Element} element anything in the form */
function recorderOf(element) {
  const box = /** @type {HTMLElement | null} */ (
    element.closest("form")?.querySelector("[data-recorder]")
  );
  if (!box) return null;
  const known = recorders.get(box) ?? new Recorder(box);
  recorders.set(box, known);
  return known;
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const button = target.closest(
    "[data-record], [data-recorder-stop], [data-recorder-again], [data-recorder-drop]",
  );
  const recorder = button && recorderOf(button);
  if (!button || !recorder) return;
  if (button.matches("[data-recorder-stop]")) void recorder.finish();
  else if (button.matches("[data-recorder-drop]")) {
    recorder.drop();
    /** @type {HTMLElement | null} */ (recorder.form.querySelector("[data-record]"))?.focus();
  } else if (!button.matches("[data-record]") || recorder.box.hidden) void recorder.begin();
});

document.addEventListener("keydown", (event) => {
  const box = /** @type {Element} */ (event.target).closest("[data-recorder]");
  if (event.key !== "Escape" || !box) return;
  event.stopPropagation();
  recorderOf(box)?.drop();
});

// A form that is busy waits: sending it now would lose the recording.
document.addEventListener(
  "submit",
  (event) => {
    if (/** @type {Element} */ (event.target).hasAttribute("data-busy")) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  },
  true,
);

document.addEventListener("reset", (event) => {
  const form = /** @type {Element} */ (event.target);
  const box = form.querySelector?.("[data-recorder]");
  if (box) recorders.get(box)?.close();
});
