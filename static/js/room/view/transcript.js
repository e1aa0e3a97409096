/**
 * What was said, to scroll back through; it follows the end while the reader is at the end.
 *
 * @import {RoomState} from "../state.js"
 */

import { known } from "../select.js";
import { gettext } from "../words.js";
import { h, keyed, write } from "./dom.js";

const AT_END_PX = 40;

export class Transcript {
  /** @param {HTMLElement} scroller */
  constructor(scroller) {
    this.scroller = scroller;
    this.list = h("div", { class: "transcript", "data-room": "transcript" });
    this.parts = [this.list];
  }

  /** @param {RoomState} state */
  render(state) {
    const { scroller } = this;
    const isAtEnd = scroller.scrollTop + scroller.clientHeight > scroller.scrollHeight - AT_END_PX;
    const people = known(state);
    keyed(this.list, state.lines, (line) => `${line.participant}:${line.start_ms}`,
      (line) => h("p", {}, h("strong", {}, people.get(line.participant)?.name ?? gettext("Somebody")), h("span", {})),
      (element, line) => write(/** @type {Element} */ (element.lastElementChild), line.text));
    if (isAtEnd) scroller.scrollTop = scroller.scrollHeight;
  }
}
