/**
 * The faces on stage in their fixed order, the row of listeners below, and reactions on both.
 *
 * @import {Room} from "../room.js"
 * @import {RoomState} from "../state.js"
 * @import {Person, ReactionsMessage, Seat} from "../messages.js"
 */

import { announce } from "../../announcer.js";
import { may, sends } from "../selectors.js";
import { assigned } from "../state.js";
import { fill, firstName, gettext, isolated, ngettext } from "../../i18n.js";
import { hasModifier } from "../../keys.js";
import { avatar, h, icon, keyed, levelBars, looks, part, redraw, set, write } from "../../dom.js";
import { play, showTrack } from "./stage.js";

const REACTION_MS = 5_000;
const SPOKEN_MS = 3_000; // Screen readers hear one summary in this time at most (RULES §8).

/** @param {Seat} seat @param {boolean} isMe */
function describe(seat, isMe) {
  const name = isMe
    ? fill(gettext("%(name)s (you)"), { name: seat.user.name })
    : isolated(seat.user.name);
  return [name, roleName(seat.role), presenceName(seat), microphoneName(seat)]
    .filter(Boolean)
    .join(", ");
}

/** @param {Seat} seat */
function microphoneName(seat) {
  if (!seat.mic) return gettext("muted");
  return sends(seat, "mic") ? gettext("microphone on") : gettext("microphone interrupted");
}

/** @param {string} role */
export function roleName(role) {
  return (
    {
      host: gettext("Host"),
      cohost: gettext("Co-host"),
      speaker: gettext("Speaker"),
      moderator: gettext("Moderator"),
    }[role] ?? gettext("Listener")
  );
}

/** @param {Seat} seat */
function presenceName(seat) {
  if (seat.presence === "lost") return gettext("Reconnecting");
  return seat.presence === "weak" ? gettext("Weak connection") : "";
}

/**
 * What stands under the name on the page: trouble first, then the role, nothing for a plain
 * speaker.
 *
 * @param {Seat} seat
 */
function underName(seat) {
  if (seat.presence !== "here") return presenceName(seat);
  if (seat.mic && !sends(seat, "mic")) return gettext("Interrupted");
  return seat.role === "speaker" ? "" : roleName(seat.role);
}

export class Tiles {
  /** @type {Map<string, number>} */ #counted = new Map();
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #announcing;

  /**
   * @param {HTMLElement} root @param {Room} room
   * @param {{onPerson: (user: number) => void, onInvite: () => void, onPeople: () => void}} actions
   */
  constructor(root, room, actions) {
    this.room = room;
    this.actions = actions;
    this.list = part(root, "tiles");
    this.count = part(root, "listening");
    this.row = part(root, "listener-faces");
    this.row.addEventListener("click", actions.onPeople);
    this.list.addEventListener("keydown", (event) => this.#onArrowKey(event));
  }

  /** @param {RoomState} state */
  render(state) {
    const me = state.me.user?.id ?? null;
    const carried = assigned(state).video;
    keyed(
      this.list,
      [...state.stage, ...(this.#hasFree(state) ? [null] : [])],
      (seat) => seat?.user.id ?? "free",
      (seat) => (seat ? this.#make(seat) : this.#makeFree()),
      (element, seat) => seat && this.#update(element, seat, seat.user.id === me, carried),
    );
    const tiles = [...this.list.querySelectorAll(".tile")];
    if (!tiles.some((tile) => tile.getAttribute("tabindex") === "0"))
      tiles[0]?.setAttribute("tabindex", "0");
    this.#renderListeners(state);
  }

  /** @param {(user: number) => boolean} isHeard */
  setHeard(isHeard) {
    for (const tile of this.list.querySelectorAll(".tile[data-user]")) {
      const element = /** @type {HTMLElement} */ (tile);
      const speaks = isHeard(Number(element.dataset.user));
      element.classList.toggle("tile--speaking", speaks);
      element.querySelector(".tile__mic .level")?.toggleAttribute("hidden", !speaks);
      element.querySelector(".tile__mic .icon")?.toggleAttribute("hidden", speaks);
    }
  }

  /**
   * Show a batch of reactions: each on its sender's face, those without a face here on the rest of
   * the row.
   *
   * @param {ReactionsMessage["items"]} items
   */
  react(items) {
    for (const [user, emoji, count] of items) {
      if (user !== null && this.#isBlocked(user)) continue;
      const face =
        this.list.querySelector(`.tile[data-user="${user}"] .tile__face`) ??
        this.row.querySelector(`[data-user="${user}"]`) ??
        this.row.lastElementChild;
      if (face) this.#showReaction(face, emoji);
      this.#counted.set(emoji, (this.#counted.get(emoji) ?? 0) + count);
    }
    this.#announcing ??= setTimeout(() => this.#announce(), SPOKEN_MS);
  }

  /** RULES §9: whom this viewer has blocked is hidden from them alone. @param {number} user */
  #isBlocked(user) {
    return this.room.address.blocked.has(user);
  }

  #announce() {
    const list = [...this.#counted].map(([emoji, count]) => `${count} ${emoji}`).join(", ");
    this.#counted.clear();
    this.#announcing = undefined;
    announce(fill(gettext("Reactions: %(list)s"), { list }));
  }

  /** @param {Element} face @param {string} emoji */
  #showReaction(face, emoji) {
    face.querySelector(".reaction")?.remove();
    const mark = h(
      "span",
      { class: "reaction", "aria-hidden": "true", "data-room": "reaction" },
      emoji,
    );
    face.append(mark);
    setTimeout(() => mark.remove(), REACTION_MS);
  }

  /** @param {RoomState} state */
  #hasFree(state) {
    const { space, stage } = state;
    const isFull = stage.length >= space.limits.stage_seats;
    return space.state === "live" && may(state, "speakers") && !isFull;
  }

  /** @param {Seat} seat */
  #make(seat) {
    const user = seat.user.id;
    const picture = h("video", {
      class: "tile__video",
      playsinline: true,
      autoplay: true,
      "aria-hidden": "true",
      hidden: true,
    });
    picture.muted = true;
    const mic = h("span", { class: "tile__mic" }, levelBars(), icon("mic-off", "xs"));
    mic.firstElementChild?.setAttribute("hidden", "");
    const face = h(
      "span",
      { class: "tile__face" },
      h("img", { src: seat.user.avatar, alt: "" }),
      picture,
      mic,
    );
    return h(
      "li",
      {},
      h(
        "button",
        {
          class: "tile",
          type: "button",
          "data-room": "tile",
          "data-user": user,
          tabindex: -1,
          "aria-haspopup": "dialog",
          onclick: () => this.actions.onPerson(user),
        },
        face,
        h("span", { class: "tile__name", dir: "auto" }),
        h("span", { class: "tile__role" }),
      ),
    );
  }

  #makeFree() {
    return h(
      "li",
      {},
      h(
        "button",
        { class: "tile tile--free", type: "button", tabindex: -1, onclick: this.actions.onInvite },
        h("span", { class: "tile__face" }, icon("user-plus")),
        h("span", { class: "tile__name" }, gettext("Invite")),
      ),
    );
  }

  /** @param {Element} item @param {Seat} seat @param {boolean} isMe @param {number|null} carried */
  #update(item, seat, isMe, carried) {
    const tile = /** @type {HTMLElement} */ (item.firstElementChild);
    const hasCamera = sends(seat, "camera");
    tile.classList.toggle("tile--video", hasCamera);
    tile.classList.toggle("tile--weak", seat.presence === "lost");
    const isBlocked = this.#isBlocked(seat.user.id);
    tile.classList.toggle("tile--blocked", isBlocked);
    set(tile, "data-role", seat.role);
    const isHeard = sends(seat, "mic");
    set(tile, "data-mic", isHeard ? "on" : "off");
    set(tile, "data-camera", hasCamera ? "on" : "off");
    set(tile, "data-presence", seat.presence);
    set(
      tile,
      "aria-label",
      isBlocked
        ? fill(gettext("%(person)s, blocked by you"), { person: describe(seat, isMe) })
        : describe(seat, isMe),
    );
    const mic = query(tile, ".tile__mic");
    mic.classList.toggle("tile__mic--off", !isHeard);
    const isForMe = this.room.pageState.mutedForMe.has(seat.user.id);
    redraw(
      mic,
      seat.presence === "here" ? (isForMe ? "volume-x" : isHeard ? "mic" : "mic-off") : "wifi-off",
    );
    set(query(tile, ".tile__face img"), "src", seat.user.avatar);
    write(query(tile, ".tile__name"), isMe ? gettext("You") : firstName(seat.user.name));
    write(query(tile, ".tile__role"), isBlocked ? gettext("Blocked") : underName(seat));
    this.#showPicture(
      /** @type {HTMLVideoElement} */ (query(tile, ".tile__video")),
      seat,
      isMe,
      carried,
    );
  }

  /**
   * The own camera, and the one that the slot carries anyway; the others stay drawn faces.
   *
   * @param {HTMLVideoElement} video
   * @param {Seat} seat
   * @param {boolean} isMe
   * @param {number|null} carried
   */
  #showPicture(video, seat, isMe, carried) {
    const isOn =
      sends(seat, "camera") &&
      (isMe
        ? Boolean(this.room.publisher.tracks.camera)
        : carried === seat.user.id &&
          this.room.pageState.media === "connected" &&
          !this.#isBlocked(seat.user.id));
    video.hidden = !isOn;
    video.classList.toggle("is-mirrored", isMe && this.room.publisher.tracks.facing === "user");
    if (isMe) showTrack(video, isOn ? this.room.publisher.tracks.camera : null);
    else play(video, isOn ? (this.room.streams?.video ?? null) : null);
  }

  /** @param {RoomState} state */
  #renderListeners(state) {
    const { count } = state.listeners;
    const onStage = new Set(state.stage.map((seat) => seat.user.id));
    const sample = state.listeners.sample.filter(
      (person) => !onStage.has(person.id) && !this.#isBlocked(person.id),
    );
    write(
      this.count,
      fill(ngettext("%(count)s listening", "%(count)s listening", count), { count }),
    );
    const shown = sample.slice(0, 5);
    const rest = count - shown.length;
    keyed(
      this.row,
      [...shown, ...(rest > 0 ? [null] : [])],
      (person) => (person ? looks(person) : "more"),
      (person) => (person ? face(person) : h("span", { class: "listeners__more" })),
      (element, person) => person || this.#writeRest(element, rest),
    );
  }

  /**
   * The number keeps its place beside a reaction that lies on it.
   *
   * @param {Element} element
   * @param {number} rest
   */
  #writeRest(element, rest) {
    if (element.firstChild instanceof Text) element.firstChild.data = `+${rest}`;
    else element.prepend(`+${rest}`);
  }

  /**
   * Arrows move on the grid of faces, one of which is in the tab order.
   *
   * @param {KeyboardEvent} event
   */
  #onArrowKey(event) {
    const right = document.dir === "rtl" ? -1 : 1;
    /** @type {Record<string, number>} */
    const steps = {
      ArrowRight: right,
      ArrowLeft: -right,
      ArrowDown: this.#columns(),
      ArrowUp: -this.#columns(),
    };
    const step = steps[event.key];
    if (!step || hasModifier(event)) return; // Alt and an arrow go back in the history.
    event.preventDefault();
    const tiles = /** @type {HTMLElement[]} */ ([...this.list.querySelectorAll(".tile")]);
    const at = tiles.findIndex((tile) => tile === document.activeElement);
    const next = tiles[Math.min(tiles.length - 1, Math.max(0, at + step))];
    for (const tile of tiles) tile.tabIndex = tile === next ? 0 : -1;
    next?.focus();
  }

  #columns() {
    return getComputedStyle(this.list).gridTemplateColumns.split(" ").length;
  }
}

/** @param {Person} person */
function face(person) {
  const element = avatar(person);
  element.dataset.user = String(person.id);
  element.title = person.name;
  return element;
}

/** @param {Element} root @param {string} selector */
function query(root, selector) {
  return /** @type {HTMLElement} */ (root.querySelector(selector));
}
