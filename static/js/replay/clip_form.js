/** Choose a span on the player, listen to it, and send the form. */

import { set, write } from "../dom.js";
import { fill, gettext } from "../i18n.js";
import { clipFrom, clipTo, clock } from "./timeline.js";

/** @import {Player} from "./player.js" */
/** @import {Clip} from "./timeline.js" */

export class ClipForm {
  /** @type {Clip} */ clip = { from: 0, to: 0 };
  #isPreview = false;

  /** @param {HTMLElement} root @param {Player} player */
  constructor(root, player) {
    this.player = player;
    this.form = /** @type {HTMLFormElement|null} */ (root.querySelector('[data-replay="clip"]'));
    this.opener = root.querySelector('[data-replay="clip-open"]');
    const longestS = Number(this.form?.dataset.longest);
    this.bounds = { durationMs: player.durationMs, longestMs: longestS * 1000 };
    if (!this.form) return;
    this.opener?.addEventListener("click", () => this.#toggle());
    this.#press("clip-begin", () => this.#set(clipFrom(this.clip, player.ms, this.bounds)));
    this.#press("clip-finish", () => this.#set(clipTo(this.clip, player.ms, this.bounds)));
    this.#press("clip-preview", () => this.#preview());
  }

  /** While the clip is listened to, it ends where it ends. @param {number} ms */
  onTime(ms) {
    if (!this.#isPreview || ms < this.clip.to) return;
    this.#isPreview = false;
    this.player.video.pause();
  }

  #toggle() {
    if (!this.form) return;
    this.form.hidden = !this.form.hidden;
    if (this.opener) set(this.opener, "aria-expanded", String(!this.form.hidden));
    if (this.form.hidden) return;
    const from = this.player.ms;
    this.#set(clipFrom({ from, to: from + this.bounds.longestMs }, from, this.bounds));
    this.form.scrollIntoView({ block: "nearest" });
    /** @type {HTMLElement|null} */ (
      this.form.querySelector('[data-replay="clip-begin"]')
    )?.focus();
  }

  /** @param {Clip} clip */
  #set(clip) {
    this.clip = {
      from: Math.round(clip.from),
      to: Math.round(Math.min(clip.to, this.player.durationMs)),
    };
    this.#field("clip-from").value = String(this.clip.from);
    this.#field("clip-to").value = String(this.clip.to);
    this.#write("clip-from-text", clock(this.clip.from));
    this.#write("clip-to-text", clock(this.clip.to));
    this.#write(
      "clip-length",
      fill(gettext("%(seconds)s of %(longest)s seconds"), {
        seconds: ((this.clip.to - this.clip.from) / 1000).toFixed(1),
        longest: this.bounds.longestMs / 1000,
      }),
    );
  }

  #preview() {
    this.#isPreview = true;
    this.player.playFrom(this.clip.from);
  }

  /** @param {string} name @param {() => void} action */
  #press(name, action) {
    this.form?.querySelector(`[data-replay="${name}"]`)?.addEventListener("click", action);
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {HTMLInputElement} */ (this.form?.querySelector(`[data-replay="${name}"]`));
  }

  /** @param {string} name @param {string} text */
  #write(name, text) {
    const place = this.form?.querySelector(`[data-replay="${name}"]`);
    if (place) write(place, text);
  }
}
