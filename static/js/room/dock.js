/**
 * The room as a small bar on every other page: who speaks, sound off, microphone for those on
 * stage, leave.
 *
 * @import {Room} from "./room.js"
 */

import { mainPicture, mySeat, sends } from "./selectors.js";
import { fill, firstName, gettext } from "../i18n.js";
import { boost, levelBars, part, redraw, set, write } from "../dom.js";

export class Dock {
  /** @type {Room|null} */ #room = null;
  /** @type {(() => void)|null} */ #stop = null;

  /** @param {HTMLElement} element @param {{onLeave: (room: Room) => void}} actions */
  constructor(element, actions) {
    this.element = element;
    this.face = part(element, "dock-face");
    this.link = /** @type {HTMLAnchorElement} */ (part(element, "dock-link"));
    this.title = part(element, "dock-title");
    this.who = part(element, "dock-who");
    this.bars = part(element, "dock-level");
    this.bars.replaceChildren(...levelBars().childNodes);
    this.mic = part(element, "dock-mic");
    this.soundButton = part(element, "dock-sound");
    this.soundButton.addEventListener("click", () => this.#onSound());
    this.mic.addEventListener("click", () => this.#onMicrophone());
    part(element, "dock-leave").addEventListener(
      "click",
      () => this.#room && actions.onLeave(this.#room),
    );
  }

  /** Show `room`, or nothing with null. @param {Room|null} room */
  show(room) {
    if (this.#room !== room) {
      this.#stop?.();
      this.#room = room;
      this.#stop =
        room?.watch({
          onChange: () => this.#render(),
          onEvent: () => {},
          onLevels: (heard) => this.#onLevels(heard),
          onToast: () => {},
          onSolved: () => {},
        }) ?? null;
    }
    this.#render();
  }

  #onSound() {
    const room = this.#room;
    if (!room) return;
    if (room.pageState.isBlocked) room.remoteAudio.resume();
    else room.setSilent(!room.pageState.isSilent);
  }

  #onMicrophone() {
    const seat = this.#room?.state && mySeat(this.#room.state);
    if (seat) this.#room?.publisher.toggleMicrophone();
  }

  #render() {
    const room = this.#room;
    const state = room?.state ?? null;
    this.element.hidden = !(room?.isIn && state);
    document.getElementById("app")?.classList.toggle("app--docked", !this.element.hidden);
    if (!room || !state) return;
    const { pageState } = room;
    const seat = mySeat(state);
    const isInterrupted = room.publisher.isInterrupted("mic");
    write(this.title, state.space.title);
    if (this.link.getAttribute("href") !== room.address.url) {
      this.link.href = room.address.url;
      boost(this.link);
    }
    const main = mainPicture(state, {
      pinned: null,
      last: null,
      blocked: room.address.blocked,
    }).seat;
    set(
      /** @type {Element} */ (this.face.firstElementChild),
      "src",
      (main?.user ?? state.space.host).avatar,
    );
    write(this.who, this.#sentence(main?.user.name ?? state.space.host.name));
    this.mic.hidden = !seat;
    set(this.mic, "aria-pressed", String(Boolean(seat?.mic)));
    set(
      this.mic,
      "aria-label",
      isInterrupted
        ? gettext("A call or another program has your microphone. Tap to take it back.")
        : seat?.mic
          ? gettext("Mute your microphone")
          : gettext("Un-mute your microphone"),
    );
    redraw(this.mic, seat && sends(seat, "mic") ? "mic" : "mic-off");
    set(this.soundButton, "aria-pressed", String(pageState.isSilent));
    set(
      this.soundButton,
      "aria-label",
      pageState.isBlocked ? gettext("Tap to hear") : gettext("Mute the sound"),
    );
    redraw(this.soundButton, pageState.isSilent || pageState.isBlocked ? "volume-x" : "volume-2");
  }

  /** @param {string} name */
  #sentence(name) {
    const pageState = this.#room?.pageState;
    if (pageState?.link === "lost" || pageState?.media === "failed")
      return gettext("Reconnecting.");
    if (pageState?.isBlocked) return gettext("Tap the speaker to hear");
    if (pageState?.isSilent) return gettext("Sound is off");
    const seat = this.#room?.state && mySeat(this.#room.state);
    if (this.#room?.publisher.isInterrupted("mic"))
      return gettext("Your microphone is interrupted");
    if (seat) return seat.mic ? gettext("Your microphone is on") : gettext("You are muted");
    return this.bars.hidden
      ? gettext("Listening")
      : fill(gettext("%(name)s is speaking"), { name: firstName(name) });
  }

  /** @param {Set<number>} heard */
  #onLevels(heard) {
    const isHeard = heard.size > 0;
    this.face.classList.toggle("avatar--speaking", isHeard);
    if (this.bars.hidden !== isHeard) return;
    this.bars.hidden = !isHeard;
    this.#render();
  }
}
