/**
 * Two short lists below the listeners: who was here and left, who was removed. For those who keep
 * order (RULES §4).
 *
 * @import {Room} from "../room.js"
 * @import {RoomState} from "../state.js"
 * @import {Privilege, Person} from "../messages.js"
 */

import { may } from "../selectors.js";
import { fill, firstName, gettext } from "../../i18n.js";
import { avatar, h, icon, keyed, looks, write } from "../../dom.js";

const REFRESH_MS = 1_000; // Many changes at once are one question.

/** @typedef {{user: Person, by?: Person|null}} Row */
/**
 * @typedef {{rerender: () => void, isShown: () => boolean, remove: (who: Person) => void}} Actions
 */
/**
 * @typedef {object} Kind
 * @property {"left.get"|"bans.get"} type the request
 * @property {Privilege} action what a viewer who sees the list must be allowed to do
 * @property {string} hook for `data-room`
 * @property {string} title
 * @property {(row: Row) => string} about
 * @property {(row: Row) => Node} button
 * @property {boolean} isFolded
 */

/** One of the lists; asked for anew after changes of the room, because no event tells of either. */
class List {
  /** @type {Row[]} */ #rows = [];
  #seen = "";
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;

  /** @param {Room} room @param {Actions} actions @param {Kind} kind */
  constructor(room, actions, kind) {
    this.room = room;
    this.actions = actions;
    this.kind = kind;
    this.count = h("span", { class: "num" });
    this.list = h("ul", { "data-room": kind.hook, "aria-label": kind.title });
    this.box = h(
      "details",
      { class: "gone", "data-room": `${kind.hook}-box`, open: !kind.isFolded, hidden: true },
      h("summary", { class: "panel__group gone__head" }, h("span", {}, kind.title), this.count),
      this.list,
    );
  }

  /** @param {RoomState} state */
  render(state) {
    if (may(state, this.kind.action)) this.#lookSoon(`${state.rev} ${state.listeners.count}`);
    else this.#rows = [];
    this.box.hidden = this.#rows.length === 0;
    write(this.count, String(this.#rows.length));
    keyed(
      this.list,
      this.#rows,
      (row) => looks(row.user),
      (row) => this.#make(row),
      () => {},
    );
  }

  /** @param {string} news what may have changed the list */
  #lookSoon(news) {
    if (news === this.#seen) return;
    this.#seen = news;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.load(), REFRESH_MS);
  }

  async load() {
    if (!this.actions.isShown() || this.room.pageState.link !== "open") return;
    const answer = await this.room.socket.call(this.kind.type).catch(() => null);
    if (!answer) return;
    this.#rows = answer.people;
    this.actions.rerender();
  }

  /** @param {Row} row */
  #make(row) {
    return h(
      "li",
      { class: "row", "data-user": row.user.id },
      avatar(row.user),
      h(
        "span",
        { class: "row__text person" },
        h("span", { class: "person__name", dir: "auto" }, row.user.name),
        h("span", { class: "person__handle" }, this.kind.about(row)),
      ),
      this.kind.button(row),
    );
  }
}

export class LeftAndRemoved {
  /** @param {Room} room @param {Actions} actions */
  constructor(room, actions) {
    this.room = room;
    const button = (
      /** @type {string} */ hook,
      /** @type {Person} */ user,
      /** @type {string} */ name,
      /** @type {string} */ text,
      /** @type {string} */ sign,
      /** @type {() => void} */ onclick,
    ) =>
      h(
        "button",
        {
          class: "btn btn--line btn--sm",
          type: "button",
          "data-room": hook,
          "data-user": user.id,
          "aria-label": name,
          onclick,
        },
        icon(sign, "sm"),
        text,
      );
    this.left = new List(room, actions, {
      type: "left.get",
      action: "remove",
      hook: "left-list",
      title: gettext("Were here"),
      isFolded: true,
      about: ({ user }) => `@${user.handle}`,
      button: ({ user }) =>
        button(
          "remove-left",
          user,
          fill(gettext("Remove %(name)s for good"), { name: user.name }),
          gettext("Remove"),
          "user-x",
          () => actions.remove(user),
        ),
    });
    this.removed = new List(room, actions, {
      type: "bans.get",
      action: "unban",
      hook: "removed-list",
      title: gettext("Removed"),
      isFolded: false,
      about: ({ by }) =>
        by
          ? fill(gettext("Removed by %(name)s"), { name: firstName(by.name) })
          : gettext("Removed"),
      button: ({ user }) =>
        button(
          "unban",
          user,
          fill(gettext("Let %(name)s back in"), { name: user.name }),
          gettext("Let back in"),
          "door-open",
          () => this.#unban(user),
        ),
    });
    this.parts = [this.left.box, this.removed.box];
  }

  /** @param {RoomState} state */
  render(state) {
    this.left.render(state);
    this.removed.render(state);
  }

  /** @param {Person} user */
  async #unban(user) {
    if (!(await this.room.ask("room.unban", { user: user.id }))) return;
    this.room.toast(fill(gettext("%(name)s may come back."), { name: firstName(user.name) }));
    await this.removed.load();
  }
}
