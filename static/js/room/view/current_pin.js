/**
 * Pinned posts as one line that turns over by hand; the newest comes to the front when it arrives.
 *
 * @import {RoomState} from "../state.js"
 */

import { fill, gettext } from "../../i18n.js";
import { boost, h, icon, part, write } from "../../dom.js";

export class CurrentPin {
  #at = 0;
  #count = 0;

  /** @param {HTMLElement} root @param {() => void} rerender */
  constructor(root, rerender) {
    this.box = part(root, "pins");
    this.author = h("bdi", {});
    this.words = document.createTextNode("");
    this.link = h(
      "a",
      { class: "pin__text", "data-room": "pin", href: "#", dir: "auto" },
      this.author,
      this.words,
    );
    this.place = h("span", { class: "num muted" });
    this.next = h(
      "button",
      {
        class: "btn btn--icon btn--quiet btn--sm",
        type: "button",
        "data-room": "next-pin",
        "aria-label": gettext("Next pinned post"),
        onclick: () => this.#turn(rerender),
      },
      icon("chevron-right", "sm"),
    );
    this.box.replaceChildren(
      h(
        "div",
        { class: "pin" },
        icon("pin", "sm"),
        this.link,
        h("span", { class: "pin__end" }, this.place, this.next),
      ),
    );
  }

  /** @param {RoomState} state */
  render({ pins }) {
    this.box.hidden = pins.length === 0;
    if (pins.length > this.#count) this.#at = pins.length - 1;
    this.#count = pins.length;
    const pin = pins[this.#at % Math.max(1, pins.length)];
    // What was deleted stands nowhere in the page, not even hidden.
    if (!pin) return write(this.link, "");
    if (this.link.getAttribute("href") !== pin.post.url) {
      this.link.setAttribute("href", pin.post.url);
      boost(this.link);
    }
    write(this.author, pin.post.author.name);
    this.words.data = `: ${pin.post.text}`;
    this.next.hidden = pins.length < 2;
    write(
      this.place,
      pins.length < 2
        ? ""
        : fill(gettext("%(place)s of %(count)s"), {
            place: (this.#at % pins.length) + 1,
            count: pins.length,
          }),
    );
  }

  /** @param {() => void} rerender */
  #turn(rerender) {
    this.#at += 1;
    rerender();
  }
}
