/**
 * People in line to speak, for those who may let them.
 *
 * @import {Room} from "../room.js"
 * @import {RoomState} from "../state.js"
 * @import {SpeakRequest} from "../messages.js"
 */

import { fill, firstName, gettext, ngettext } from "../../i18n.js";
import { avatar, h, icon, keyed, looks, set, write } from "../../dom.js";
import { makeHead, relationText, writeHead } from "./people.js";

export class Queue {
  /** @param {Room} room */
  constructor(room) {
    this.room = room;
    this.head = makeHead();
    this.list = h("ol", { class: "queue", "data-room": "queue" });
    this.empty = h("p", { class: "panel__empty muted" });
    this.parts = [this.head, this.list, this.empty];
  }

  /** @param {RoomState} state */
  render(state) {
    const free = state.space.limits.stage_seats - state.stage.length;
    const figure = fill(ngettext("%(free)s free", "%(free)s free", free), { free });
    writeHead(this.head, gettext("In order of arrival"), state, figure);
    keyed(
      this.list,
      state.requests,
      (request) => looks(request.user),
      (request) => this.#make(request),
      (element, request) => this.#update(element, request),
    );
    this.empty.hidden = state.requests.length > 0;
    write(
      this.empty,
      state.space.requests_open
        ? gettext("Nobody is in line. Requests to speak arrive here.")
        : gettext("Requests are switched off. You can still invite people."),
    );
  }

  /** @param {SpeakRequest} request */
  #make({ user, reason, relation }) {
    const sentences = {
      stage_full: fill(gettext("The stage is full. %(name)s stays in line."), {
        name: firstName(user.name),
      }),
    };
    const answer = (/** @type {"speak.approve"|"speak.decline"} */ type) => () =>
      this.room.ask(type, { user: user.id }, sentences);
    return h(
      "li",
      { class: "queue__item", "data-user": user.id },
      avatar(user),
      h(
        "span",
        { class: "person" },
        h("span", { class: "person__name", dir: "auto" }, user.name),
        h("span", { class: "person__handle" }, relationText(relation) || `@${user.handle}`),
      ),
      h(
        "button",
        {
          class: "btn btn--icon btn--quiet",
          type: "button",
          "data-room": "decline",
          "data-user": user.id,
          "aria-label": fill(gettext("Decline %(name)s"), { name: user.name }),
          onclick: answer("speak.decline"),
        },
        icon("x"),
      ),
      h(
        "button",
        {
          class: "btn btn--primary btn--icon",
          type: "button",
          "data-room": "approve",
          "data-user": user.id,
          "aria-label": fill(gettext("Let %(name)s speak"), { name: user.name }),
          onclick: answer("speak.approve"),
        },
        icon("check"),
      ),
      reason ? h("p", { class: "queue__reason", dir: "auto" }, reason) : null,
    );
  }

  /** @param {Element} element @param {SpeakRequest} request */
  #update(element, request) {
    set(element, "data-place", request.place);
    const isBusy = ["speak.approve", "speak.decline"].some((type) =>
      this.room.pageState.busy.has(`${type}:${request.user.id}`),
    );
    for (const button of element.querySelectorAll("button")) button.disabled = isBusy;
  }
}
