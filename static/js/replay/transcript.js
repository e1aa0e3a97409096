/**
 * What is said at the moment: captions over the picture, the line in the transcript, the chapter,
 * the pinned post.
 */

import { h, set } from "../dom.js";
import { saveCaptionSettings, readCaptionSettings } from "../room/view/caption_settings.js";
import { lastBegun, pinNow, saidNow } from "./timeline.js";

/**
 * @typedef {{element: HTMLElement, at: number, end: number, who: string, text: () => string}} Line
 */

export class Transcript {
  #shown = "";
  #pin = -1;

  /**
   * @param {HTMLElement} root
   * @param {(ms: number) => void} onPick somebody wants to hear from here
   */
  constructor(root, onPick) {
    this.root = root;
    this.box = root.querySelector('[data-replay="captions"]');
    this.list = root.querySelector('[data-replay="lines"]');
    this.lines = [...root.querySelectorAll(".said__line")].map((element) =>
      line(/** @type {HTMLElement} */ (element)),
    );
    this.chapters = /** @type {HTMLElement[]} */ ([
      ...root.querySelectorAll("[data-replay=chapters] [data-at]"),
    ]);
    this.pins = /** @type {HTMLTemplateElement[]} */ ([
      ...root.querySelectorAll("template[data-replay=pinned]"),
    ]);
    this.pinBox = /** @type {HTMLElement|null} */ (root.querySelector('[data-replay="pin"]'));
    this.isOn = readCaptionSettings().isOn;
    this.#hideTracks();
    root.addEventListener("click", (event) => this.#onClick(event, onPick));
  }

  /**
   * Ours are drawn by us, over the bar and in the person's size; the track is there for full screen
   * without scripts.
   */
  #hideTracks() {
    for (const track of this.root.querySelector("video")?.textTracks ?? []) track.mode = "hidden";
  }

  toggle() {
    this.isOn = !this.isOn;
    saveCaptionSettings({ ...readCaptionSettings(), isOn: this.isOn });
    this.#shown = "-";
  }

  /** @param {number} ms */
  show(ms) {
    const places = saidNow(this.lines, ms);
    const key = this.isOn ? places.join(" ") : "off";
    if (key !== this.#shown) this.#draw(key, places);
    const chapter = lastBegun(this.chapters.map(at), ms);
    this.chapters.forEach((link, place) =>
      set(link, "aria-current", place === chapter ? "true" : null),
    );
    this.#showPin(pinNow(this.pins.map(at), ms));
    const cc = this.root.querySelector('[data-replay="cc"]');
    if (cc) set(cc, "aria-pressed", String(this.isOn));
  }

  /** @param {string} key @param {number[]} places */
  #draw(key, places) {
    this.#shown = key;
    const now = places.map((place) => this.lines[place]);
    if (this.box instanceof HTMLElement) {
      this.box.hidden = !this.isOn || !now.length;
      this.box.replaceChildren(
        ...now.map((one) =>
          h(
            "p",
            { class: "player__caption", dir: "auto" },
            h("span", { class: "captions__who" }, one.who),
            one.text(),
          ),
        ),
      );
    }
    for (const one of this.lines) one.element.classList.toggle("is-now", now.includes(one));
    const first = now[0]?.element;
    if (first && this.list instanceof HTMLElement && !this.list.matches(":hover, :focus-within"))
      this.list.scrollTop = first.offsetTop - this.list.clientHeight / 3;
  }

  /** @param {number} place */
  #showPin(place) {
    if (place === this.#pin || !this.pinBox) return;
    this.#pin = place;
    this.pinBox.hidden = place < 0;
    this.pinBox.replaceChildren(...(place < 0 ? [] : [this.pins[place].content.cloneNode(true)]));
  }

  /** @param {Event} event @param {(ms: number) => void} onPick */
  #onClick(event, onPick) {
    const link = /** @type {Element} */ (event.target).closest("a.said__time, a.chapters__link");
    if (!link) return;
    event.preventDefault();
    const place = /** @type {HTMLElement} */ (link.closest("[data-at]"));
    onPick(at(place));
  }
}

/** @param {HTMLElement} element */
function at(element) {
  return Number(element.dataset.at);
}

/** @param {HTMLElement} element @returns {Line} */
function line(element) {
  // Read anew each time: the host may correct a line while it plays.
  const id = element.id;
  const text = () =>
    document.getElementById(id)?.querySelector(".said__text > span")?.textContent ?? "";
  return {
    element,
    at: at(element),
    end: Number(element.dataset.end),
    who: element.querySelector(".said__who")?.textContent ?? "",
    text,
  };
}
