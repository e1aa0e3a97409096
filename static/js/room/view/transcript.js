/**
 * What was said, to scroll back through; it follows the end while the reader is at the end.
 *
 * @import {RoomState} from "../state.js"
 */

import { peopleById } from "../selectors.js";
import { captionKey } from "../state.js";
import { gettext } from "../../i18n.js";
import { h, icon, keyed, write } from "../../dom.js";

const AT_END_PX = 40;

export class Transcript {
  /**
   * @param {HTMLElement} scroller
   * @param {(user: number) => boolean} isHidden whom this person blocked
   */
  constructor(scroller, isHidden) {
    this.scroller = scroller;
    this.isHidden = isHidden;
    this.label = h(
      "p",
      { class: "transcript__label" },
      gettext("Made automatically, of the last half hour at most"),
    );
    this.list = h("div", { class: "transcript", "data-room": "transcript" });
    this.now = h(
      "button",
      {
        class: "btn btn--soft transcript__now",
        type: "button",
        "data-room": "transcript-now",
        hidden: true,
        onclick: () => this.#toEnd(),
      },
      icon("arrow-down-to-line", "sm"),
      gettext("Jump to now"),
    );
    this.parts = [this.label, this.list, this.now];
    scroller.addEventListener("scroll", () => (this.now.hidden = this.#isAtEnd()), {
      passive: true,
    });
  }

  /** @param {RoomState} state */
  render(state) {
    const isAtEnd = this.#isAtEnd();
    const people = peopleById(state);
    const lines = state.lines.filter((line) => !this.isHidden(line.participant));
    keyed(
      this.list,
      lines,
      captionKey,
      (line) =>
        h(
          "p",
          { dir: "auto" },
          h(
            "strong",
            { dir: "auto" },
            people.get(line.participant)?.name ?? (line.name || gettext("Somebody")),
          ),
          h("span", {}),
        ),
      (element, line) => write(/** @type {Element} */ (element.lastElementChild), line.text),
    );
    if (isAtEnd) this.#toEnd();
  }

  #isAtEnd() {
    const { scroller } = this;
    return scroller.scrollTop + scroller.clientHeight > scroller.scrollHeight - AT_END_PX;
  }

  #toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.now.hidden = true;
  }
}
