/**
 * All pinned posts, and the field to pin one.
 *
 * @import {Room} from "../room.js"
 * @import {RoomState} from "../state.js"
 * @import {Pin} from "../messages.js"
 */

import { may } from "../selectors.js";
import { gettext } from "../../i18n.js";
import { avatar, boost, h, icon, keyed, looks } from "../../dom.js";

export class PinnedPosts {
  /** @param {Room} room */
  constructor(room) {
    this.room = room;
    this.list = h("ul", { class: "stack", "data-room": "pin-list" });
    this.field = h("input", {
      class: "field__input",
      id: "room-pin-url",
      type: "url",
      placeholder: gettext("Link to a post"),
      "data-room": "pin-url",
      required: true,
    });
    this.form = h(
      "form",
      { class: "stack panel__form", "data-room": "pin-form" },
      h(
        "label",
        { class: "field__label", for: "room-pin-url" },
        gettext("Pin a post for everyone"),
      ),
      this.field,
      h(
        "button",
        { class: "btn btn--soft btn--block", type: "submit" },
        icon("pin", "sm"),
        gettext("Pin"),
      ),
    );
    this.form.addEventListener("submit", (event) => this.#onSubmit(event));
    this.parts = [this.list, this.form];
  }

  /** @param {RoomState} state */
  render(state) {
    this.form.hidden = !may(state, "pin");
    const mayRemove = (/** @type {Pin} */ pin) =>
      may(state, "unpin") && (state.me.role !== "speaker" || pin.by === state.me.user?.id);
    keyed(
      this.list,
      state.pins,
      ({ id, post }) => [id, post.text, looks(post.author)].join("\n"),
      (pin) => this.#make(pin),
      (element, pin) => element.querySelector("button")?.toggleAttribute("hidden", !mayRemove(pin)),
    );
  }

  /** @param {Pin} pin */
  #make(pin) {
    const link = h(
      "a",
      { class: "pinned__text", href: pin.post.url },
      h("strong", { dir: "auto" }, pin.post.author.name),
      h("span", { dir: "auto" }, pin.post.text),
    );
    boost(link);
    return h(
      "li",
      { class: "pinned", "data-pin": pin.id },
      avatar(pin.post.author, "avatar--sm"),
      link,
      h(
        "button",
        {
          class: "btn btn--icon btn--quiet btn--sm",
          type: "button",
          "data-room": "unpin",
          "aria-label": gettext("Take the pin away"),
          onclick: () => this.room.ask("pin.remove", { pin: pin.id }),
        },
        icon("pin-off", "sm"),
      ),
    );
  }

  /** @param {SubmitEvent} event */
  async #onSubmit(event) {
    event.preventDefault();
    if (await this.room.ask("pin.add", { url: this.field.value })) this.form.reset();
  }
}
