/**
 * Everyone in the room: the stage as it is, the listeners by page from the server.
 *
 * @import {Room} from "../room.js"
 * @import {RoomState} from "../state.js"
 * @import {ListedPerson, Person, Seat} from "../messages.js"
 */

import { may, sends } from "../selectors.js";
import { fill, firstName, gettext } from "../../i18n.js";
import { avatar, h, icon, keyed, levelBars, looks, redraw, seats, write } from "../../dom.js";
import { LeftAndRemoved } from "./left_and_removed.js";
import { roleName } from "./tiles.js";

const REFRESH_MS = 1_000;
// In a big room the list is looked at, not watched: a thousand pages must not ask every second.
const CROWD = 50;
const CROWD_MS = 15_000;

/** @param {string} relation @returns {string} */
export function relationText(relation) {
  return (
    {
      mutual: gettext("You follow each other"),
      follows_you: gettext("Follows you"),
      you_follow: gettext("You follow"),
    }[relation] ?? ""
  );
}

/** A group's head: words, a dot for each seat, a figure. */
export function makeHead() {
  return h("div", { class: "panel__group" }, h("span", {}), h("span", { class: "cluster" }));
}

/**
 * @param {HTMLElement} head
 * @param {string} text
 * @param {RoomState} state
 * @param {string} figure
 */
export function writeHead(head, text, { stage, space }, figure) {
  const taken = stage.length;
  const all = space.limits.stage_seats;
  const key = `${text}|${figure}|${taken}`;
  if (head.dataset.key === key) return;
  head.dataset.key = key;
  const label = fill(gettext("%(taken)s of %(all)s seats taken"), { taken, all });
  write(/** @type {Element} */ (head.firstElementChild), text);
  head.lastElementChild?.replaceChildren(
    seats(taken, all, label),
    h("span", { class: "num" }, figure),
  );
}

export class People {
  /** @type {ListedPerson[]} */ #known = [];
  /** @type {number|null} what the server wants back for the next page */ #next = null;
  #count = -1;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;

  /**
   * @param {Room} room
   * @param {{onPerson: (user: number, person?: Person) => void, rerender: () => void, isShown: ()
   *   => boolean, remove: (who: Person) => void}} actions
   */
  constructor(room, actions) {
    this.room = room;
    this.actions = actions;
    this.stageHead = makeHead();
    this.stage = h("ul", { "data-room": "stage-list" });
    this.muteAll = h(
      "button",
      {
        class: "btn btn--quiet btn--block",
        type: "button",
        "data-room": "mute-all",
        onclick: () => room.ask("room.mute_all"),
      },
      icon("mic-off", "sm"),
      gettext("Mute all"),
    );
    this.count = h("span", { class: "num" });
    this.head = h("p", { class: "panel__group" }, h("span", {}, gettext("Listening")), this.count);
    this.list = h("ul", { "data-room": "listener-list" });
    this.more = h(
      "button",
      {
        class: "btn btn--quiet btn--block",
        type: "button",
        hidden: true,
        onclick: () => this.#load(this.#next),
      },
      gettext("Show more"),
    );
    this.leftAndRemoved = new LeftAndRemoved(room, actions);
    this.parts = [
      this.stageHead,
      this.stage,
      this.muteAll,
      this.head,
      this.list,
      this.more,
      ...this.leftAndRemoved.parts,
    ];
  }

  /** @param {RoomState} state */
  render(state) {
    const me = state.me.user?.id;
    const taken = state.stage.length;
    const all = state.space.limits.stage_seats;
    const figure = fill(gettext("%(taken)s of %(all)s"), { taken, all });
    writeHead(this.stageHead, gettext("On stage"), state, figure);
    keyed(
      this.stage,
      state.stage,
      (seat) => looks(seat.user),
      (seat) => this.#make(seat.user),
      (row, seat) => this.#updateSeat(row, seat, seat.user.id === me),
    );
    this.muteAll.hidden = !(
      may(state, "mute") && state.stage.some((seat) => seat.mic && seat.user.id !== me)
    );
    this.#renderListeners(state);
    this.leftAndRemoved.render(state);
  }

  /** @param {(user: number) => boolean} isHeard */
  setHeard(isHeard) {
    for (const row of this.stage.querySelectorAll(".row")) {
      const speaks = isHeard(Number(/** @type {HTMLElement} */ (row).dataset.user));
      row.querySelector(".row__mic--on")?.toggleAttribute("hidden", !speaks);
      row.querySelector(".row__mic")?.toggleAttribute("hidden", speaks);
    }
  }

  /**
   * Ask for the list anew, only while it is shown. Many changes are one request.
   *
   * @param {number} wait
   */
  refreshSoon(wait) {
    if (wait > 0 && this.#timer !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.actions.isShown() && this.room.pageState.link === "open") this.#load(null);
    }, wait);
  }

  /** Called otherwise, or staff or no more, which the list alone says. @param {Person} person */
  onPersonChanged(person) {
    this.#known = this.#known.map((one) =>
      one.user.id === person.id ? { ...one, user: person } : one,
    );
    this.refreshSoon(REFRESH_MS);
  }

  /** @param {Person} user @param {"speaker"|"cohost"} role */
  async invite(user, role) {
    const answer = await this.room.ask("invite.send", { user: user.id, role });
    if (answer)
      this.room.toast(fill(gettext("%(name)s is invited."), { name: firstName(user.name) }));
  }

  /** @param {RoomState} state */
  #renderListeners(state) {
    const { count } = state.listeners;
    write(this.count, String(count));
    if (count !== this.#count) {
      this.#count = count;
      this.refreshSoon(count > CROWD ? CROWD_MS * (1 + Math.random()) : REFRESH_MS);
    }
    const onStage = new Set(state.stage.map((seat) => seat.user.id));
    const { blocked } = this.room.address;
    const rows = this.#known.filter(({ user }) => !onStage.has(user.id) && !blocked.has(user.id));
    keyed(
      this.list,
      rows,
      ({ user }) => looks(user),
      ({ user }) => this.#makeListener(user),
      (row, listed) => this.#updateListener(row, listed, state),
    );
    this.more.hidden = this.#next === null;
  }

  /** @param {Person} user */
  #make(user) {
    const menu = h(
      "button",
      {
        class: "btn btn--icon btn--quiet btn--sm",
        type: "button",
        "data-room": "person-menu",
        "data-user": user.id,
        "aria-haspopup": "dialog",
        "aria-label": fill(gettext("Actions for %(name)s"), { name: user.name }),
        onclick: () => this.actions.onPerson(user.id, user),
      },
      icon("ellipsis", "sm"),
    );
    return h(
      "li",
      { class: "row", "data-user": user.id },
      avatar(user),
      h(
        "span",
        { class: "row__text person" },
        h("span", { class: "person__name", dir: "auto" }, user.name),
        h("span", { class: "person__handle" }),
      ),
      h(
        "span",
        { class: "row__end" },
        h("span", { class: "row__mic--on", hidden: true }, levelBars()),
        h("span", { class: "row__mic" }, icon("mic-off", "sm")),
        menu,
      ),
    );
  }

  /** @param {Person} user */
  #makeListener(user) {
    const row = this.#make(user);
    row.querySelector(".row__mic--on")?.remove();
    row.querySelector(".row__mic")?.replaceWith(
      h(
        "button",
        {
          class: "btn btn--line btn--sm",
          type: "button",
          "data-room": "invite",
          "data-user": user.id,
          "aria-label": fill(gettext("Invite %(name)s to speak"), { name: user.name }),
          onclick: () => this.invite(user, "speaker"),
        },
        gettext("Invite"),
      ),
    );
    return row;
  }

  /** @param {Element} row @param {Seat} seat @param {boolean} isMe */
  #updateSeat(row, seat, isMe) {
    const role = roleName(seat.role);
    write(
      /** @type {Element} */ (row.querySelector(".person__handle")),
      isMe ? fill(gettext("You · %(role)s"), { role: role.toLowerCase() }) : role,
    );
    const mic = row.querySelector(".row__mic");
    const isHeard = sends(seat, "mic");
    if (mic) redraw(mic, seat.presence === "lost" ? "wifi-off" : isHeard ? "mic" : "mic-off");
  }

  /**
   * Staff are marked, so that nobody takes a moderator for one of the crowd.
   *
   * @param {Element} row
   * @param {ListedPerson} listed
   * @param {RoomState} state
   */
  #updateListener(row, { user, relation, role }, state) {
    const isMe = user.id === state.me.user?.id;
    const about =
      role === "moderator"
        ? roleName(role)
        : isMe
          ? ""
          : relationText(relation) || `@${user.handle}`;
    write(
      /** @type {Element} */ (row.querySelector(".person__handle")),
      [isMe ? gettext("You") : "", about].filter(Boolean).join(" · "),
    );
    row
      .querySelector('[data-room="invite"]')
      ?.toggleAttribute("hidden", isMe || !may(state, "speakers"));
  }

  /** @param {number|null} after where the next page begins; null for the first */
  async #load(after) {
    const answer = await this.room.socket
      .call("people.get", after === null ? {} : { after })
      .catch(() => null);
    if (!answer) return;
    const before = after === null ? [] : this.#known;
    const have = new Set(before.map(({ user }) => user.id));
    this.#known = [...before, ...answer.people.filter((one) => !have.has(one.user.id))];
    this.#next = answer.next;
    this.actions.rerender();
  }
}
