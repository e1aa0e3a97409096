/**
 * The last words under the picture. Not a live region: a screen reader hears the people themselves.
 *
 * @import {RoomState} from "../state.js"
 */

import { known } from "../select.js";
import { firstName, gettext } from "../words.js";
import { h, keyed, part, write } from "./dom.js";

const LINES = 3;

export class Captions {
  isOn = true;

  /** @param {HTMLElement} root @param {() => void} onReadBack */
  constructor(root, onReadBack) {
    this.box = part(root, "captions");
    this.lines = part(this.box, "caption-lines");
    part(this.box, "read-back").addEventListener("click", onReadBack);
  }

  /** @param {RoomState} state */
  render(state) {
    this.box.hidden = !(state.captions.available && this.isOn && state.space.state === "live");
    if (this.box.hidden) return;
    const people = known(state);
    const me = state.me.user?.id;
    const name = (/** @type {number} */ id) => (id === me ? gettext("You") : firstName(people.get(id)?.name ?? gettext("Somebody")));
    keyed(this.lines, state.lines.slice(-LINES), (line) => `${line.participant}:${line.start_ms}`,
      (line) => h("p", { class: "captions__line", "data-user": line.participant }, h("span", { class: "captions__who" }, name(line.participant)), h("span", {})),
      (element, line) => {
        write(/** @type {Element} */ (element.lastElementChild), line.text);
        element.classList.toggle("captions__line--old", line !== state.lines.at(-1));
      });
  }
}
