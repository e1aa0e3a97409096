// @ts-check
/**
 * The Fleet viewer: time, taps, keys. The page holds every Fleet of one person and shows one;
 * without this script its links lead from one to the next. The next person is a boosted visit, so a
 * Space goes on playing.
 */

import { announce } from "../announcer.js";
import { Slideshow, durationFor } from "./slideshow.js";
import { hasModifier, isTyping, take } from "../keys.js";

const OURS = new Set(["ArrowLeft", "ArrowRight", " "]);
const TAP_MS = 350; // A longer press holds the time and does not step.
const LONGEST_FRAME_MS = 250; // A page that was asleep must not jump ahead.

/** @type {FleetPlayer | null} */
let open = null;

class FleetPlayer {
  /** @param {HTMLElement} main */
  constructor(main) {
    this.main = main;
    this.slides = /** @type {HTMLElement[]} */ ([...main.querySelectorAll("[data-slide]")]);
    this.metas = /** @type {HTMLElement[]} */ ([...main.querySelectorAll("[data-meta]")]);
    this.bars = /** @type {HTMLProgressElement[]} */ ([...main.querySelectorAll("[data-bar]")]);
    const first = this.slides.findIndex((slide) => !slide.hidden);
    this.slideshow = new Slideshow(
      this.slides.map((slide) => durationFor(Number(slide.dataset.letters))),
      first,
    );
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) this.pause();
    this.pressedAt = 0;
    this.frameAt = 0;
    this.listening = new AbortController();
    this.listen();
    this.show(false);
    this.frame = requestAnimationFrame((now) => this.tick(now));
  }

  close() {
    cancelAnimationFrame(this.frame);
    this.listening.abort();
  }

  listen() {
    const signal = this.listening.signal;
    const main = this.main;
    main.addEventListener("click", (event) => this.onClick(event), { signal });
    main.addEventListener("focusin", () => this.holdWhileTyping(), { signal });
    main.addEventListener("focusout", () => setTimeout(() => this.holdWhileTyping()), { signal });
    for (const zone of main.querySelectorAll("[data-step]")) {
      zone.addEventListener("pointerdown", () => this.press(true), { signal });
      // A long press on a phone.
      zone.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
    }
    window.addEventListener("pointerup", () => this.press(false), { signal });
    window.addEventListener("pointercancel", () => this.press(false), { signal });
    document.addEventListener(
      "visibilitychange",
      () => this.slideshow.hold("hidden", document.hidden),
      {
        signal,
      },
    );
    document.addEventListener("keydown", (event) => this.onKey(event), { signal });
    main.addEventListener(
      "htmx:afterRequest",
      (event) => this.onSent(/** @type {CustomEvent} */ (event)),
      { signal },
    );
  }

  get slide() {
    return /** @type {HTMLElement} */ (this.slides[this.slideshow.at]);
  }

  /** @param {number} now */
  tick(now) {
    const passed = Math.min(LONGEST_FRAME_MS, this.frameAt ? now - this.frameAt : 0);
    this.frameAt = now;
    const image = /** @type {HTMLImageElement | null} */ (
      this.slide.querySelector("img[data-picture]")
    );
    this.slideshow.hold("picture", Boolean(image && !image.complete));
    const what = this.slideshow.pass(passed);
    if (what === "moved") this.show(true);
    this.draw();
    if (what === "over") this.onward();
    this.frame = requestAnimationFrame((at) => this.tick(at));
  }

  draw() {
    this.bars.forEach((bar, n) => {
      const value = n < this.slideshow.at ? 1 : n > this.slideshow.at ? 0 : this.slideshow.share;
      if (bar.value !== value) bar.value = value;
    });
  }

  /**
   * Put the present Fleet on the screen.
   *
   * @param {boolean} isNew false for the one the server has shown
   */
  show(isNew) {
    this.slides.forEach((slide, n) => (slide.hidden = n !== this.slideshow.at));
    this.metas.forEach((meta, n) => (meta.hidden = n !== this.slideshow.at));
    for (const near of [this.slide, this.slides[this.slideshow.at + 1]]) {
      const image = /** @type {HTMLImageElement | null} */ (
        near?.querySelector("img[data-picture]") ?? null
      );
      if (image) image.loading = "eager";
    }
    this.draw();
    if (!isNew) return;
    announce(this.slide.getAttribute("aria-label"));
    const url = this.slide.dataset.seen;
    if (url) void htmx.ajax("post", url, { source: this.slide, swap: "none" });
  }

  /** @param {boolean} on */
  press(on) {
    if (on) this.pressedAt = performance.now();
    this.slideshow.hold("press", on);
  }

  holdWhileTyping() {
    const field = this.main.querySelector(
      "input:focus, textarea:focus, dialog[open], details[open]",
    );
    this.slideshow.hold("typing", Boolean(field));
  }

  /** @param {Event} event */
  onClick(event) {
    const target = /** @type {Element} */ (event.target);
    const step = /** @type {HTMLElement | null} */ (target.closest("[data-step]"));
    if (step) {
      event.preventDefault();
      event.stopPropagation();
      const isPress = /** @type {MouseEvent} */ (event).detail > 0; // A key's click has none.
      if (!isPress || performance.now() - this.pressedAt < TAP_MS)
        this.step(step.dataset.step === "next" ? 1 : -1);
    }
    if (target.closest("[data-pause]")) this.pause();
    setTimeout(() => this.holdWhileTyping());
  }

  /** @param {number} by */
  step(by) {
    this.slideshow.hold("over", false);
    const what = by > 0 ? this.slideshow.next() : this.slideshow.back();
    if (what === "moved") this.show(true);
    else if (what === "over") this.onward();
    else this.link("[data-before]")?.click();
  }

  pause() {
    const button = /** @type {HTMLElement} */ (this.main.querySelector("[data-pause]"));
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(on));
    this.slideshow.hold("pause", on);
    this.moveOrStand(on);
  }

  /** Pictures that move stand still while the time does. @param {boolean} isPaused */
  moveOrStand(isPaused) {
    for (const image of /** @type {NodeListOf<HTMLImageElement>} */ (
      this.main.querySelectorAll("img[data-still-url]")
    )) {
      image.src = (isPaused ? image.dataset.stillUrl : image.dataset.movingUrl) ?? image.src;
    }
  }

  /** @param {string} selector */
  link(selector) {
    return /** @type {HTMLElement | null} */ (this.main.querySelector(selector));
  }

  /**
   * The time stands until the next page is there; should it not come, a step back lets it run
   * again.
   */
  onward() {
    this.slideshow.hold("over", true);
    (this.link("[data-onward]") ?? this.link("[data-close]"))?.click();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (hasModifier(event) || event.isComposing || event.defaultPrevented) return;
    const target = /** @type {Element} */ (event.target);
    if (target.closest("dialog")) return;
    const isWriting = isTyping(target);
    if (event.key === "Escape" && !event.repeat) {
      if (isWriting) /** @type {HTMLElement} */ (target).blur();
      else this.link("[data-close]")?.click();
    }
    if (isWriting) return;
    if (event.repeat) return void (OURS.has(event.key) && event.preventDefault());
    const ahead = getComputedStyle(this.main).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    if (event.key === "ArrowRight" || event.key === "ArrowLeft")
      this.step(event.key === ahead ? 1 : -1);
    else if (event.key === " " && !target.closest("button, summary"))
      this.pause(); // A link is for Enter alone.
    else return;
    take(event);
  }

  /**
   * A reply is on its way: its field is empty again and the time goes on.
   *
   * @param {CustomEvent} event
   */
  onSent(event) {
    const form = event.detail.elt instanceof HTMLFormElement ? event.detail.elt : null;
    if (
      !form?.matches("[data-reply]") ||
      !event.detail.successful ||
      event.detail.xhr.status === 204
    )
      return;
    form.reset();
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    this.holdWhileTyping();
  }
}

/**
 * What lies under the viewer is out of reach of keys and readers; the dock of a Space stays within
 * it.
 *
 * @param {boolean} on
 */
function cover(on) {
  document.getElementById("nav")?.toggleAttribute("inert", on);
  document.querySelector(".skip")?.toggleAttribute("inert", on);
}

function arrive() {
  const main = /** @type {HTMLElement | null} */ (document.querySelector("main.fleet"));
  if (open && open.main === main) return;
  open?.close();
  open = main ? new FleetPlayer(main) : null;
  cover(open !== null);
}

window.addEventListener("parley:page", arrive);
window.addEventListener("pageshow", arrive);
arrive();
