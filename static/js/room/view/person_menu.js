/**
 * What one may do with one face; only what the server allows this person.
 *
 * @import {Room} from "../room.js"
 * @import {RoomState} from "../state.js"
 * @import {Privilege, Person, Seat} from "../messages.js"
 * @import {Item, Sheet} from "./sheet.js"
 */

import { may, seatOf } from "../selectors.js";
import { fill, gettext } from "../../i18n.js";
import { avatar, h } from "../../dom.js";
import { navigate } from "../../navigate.js";
import { roleName } from "./tiles.js";

/**
 * @typedef {"cohost.remove"|"seat.ask_unmute"|"seat.camera_off"|"seat.move_down"|"seat.mute"}
 *   RequestAboutSomebody
 */

export class PersonMenu {
  /**
   * @param {Room} room @param {Sheet} sheet @param {string} reportUrl of person 0, "" for visitors
   * @param {{invite: (person: Person, role: "speaker"|"cohost") => void}} actions
   */
  constructor(room, sheet, reportUrl, actions) {
    this.room = room;
    this.sheet = sheet;
    this.reportUrl = reportUrl;
    this.actions = actions;
  }

  /** @param {RoomState} state @param {number} user @param {Person} [person] */
  open(state, user, person) {
    const seat = seatOf(state, user);
    const who = seat?.user ?? person ?? state.listeners.sample.find((one) => one.id === user);
    if (!who) return;
    const isMe = user === state.me.user?.id;
    const head = h(
      "div",
      { class: "row row--plain sheet__person" },
      avatar(who),
      h(
        "span",
        { class: "row__text person" },
        h("span", { class: "person__name", dir: "auto" }, who.name),
        h(
          "span",
          { class: "person__handle" },
          `@${who.handle} · ${roleName(seat?.role ?? "listener")}`,
        ),
      ),
    );
    const items = [
      this.#profile(who),
      ...(isMe
        ? this.#own(seat)
        : [
            ...this.#asViewer(seat, who),
            ...this.#asHost(state, seat, who),
            ...this.#asMember(state, who),
          ]),
    ];
    this.sheet.menu("face-menu", who.name, items, head).setAttribute("data-user", String(user));
  }

  /** @param {Person} who @returns {Item} */
  #profile(who) {
    return {
      icon: "user-round",
      text: gettext("See profile"),
      hook: "see-profile",
      onPick: () => navigate(who.url),
    };
  }

  /** @param {Seat|undefined} seat @returns {(Item|null)[]} */
  #own(seat) {
    if (!seat || seat.role === "host") return [];
    return [
      {
        icon: "arrow-down-to-line",
        text: gettext("Go back to the listeners"),
        hook: "step-down",
        onPick: () => this.room.ask("seat.leave"),
      },
    ];
  }

  /** @param {Seat|undefined} seat @param {Person} who @returns {(Item|null)[]} */
  #asViewer(seat, who) {
    if (!seat) return [];
    const { pageState } = this.room;
    const isPinned = pageState.pinned === who.id;
    const isMuted = pageState.mutedForMe.has(who.id);
    return [
      {
        icon: isPinned ? "pin-off" : "pin",
        text: isPinned ? gettext("Follow whoever speaks again") : gettext("Keep in view"),
        hook: "pin-view",
        onPick: () => this.room.pin(isPinned ? null : who.id),
      },
      {
        icon: isMuted ? "volume-2" : "volume-x",
        text: isMuted ? gettext("Hear again") : gettext("Mute for me"),
        hook: "mute-for-me",
        onPick: () => this.room.muteForMe(who.id, !isMuted),
      },
    ];
  }

  /**
   * @param {RoomState} state
   * @param {Seat|undefined} seat
   * @param {Person} who
   * @returns {(Item|"rule"|null|false|undefined)[]}
   */
  #asHost(state, seat, who) {
    const ask = (/** @type {RequestAboutSomebody} */ type) => () =>
      this.room.ask(type, { user: who.id });
    const isTheHost = seat?.role === "host" && state.me.role !== "moderator";
    const isMyEqual = seat?.role === "cohost" && state.me.role === "cohost";
    // RULES §4: nobody but staff acts on the host, and co-hosts may mute one another but not send
    // each other away.
    const can = (/** @type {Privilege} */ action) =>
      may(state, action) && !isTheHost && !(isMyEqual && action !== "mute");
    const isSpot = state.space.spotlight === who.id;
    const isCohost = seat?.role === "cohost";
    return [
      !seat &&
        can("speakers") && {
          icon: "mic",
          text: gettext("Invite to speak"),
          hook: "invite-speaker",
          user: who.id,
          onPick: () => this.actions.invite(who, "speaker"),
        },
      !isCohost &&
        may(state, "cohosts") &&
        can("speakers") && {
          icon: "crown",
          text: gettext("Invite as co-host"),
          hook: "invite-cohost",
          user: who.id,
          onPick: () => this.actions.invite(who, "cohost"),
        },
      isCohost &&
        can("cohosts") && {
          icon: "user-minus",
          text: gettext("No longer co-host"),
          hook: "remove-cohost",
          user: who.id,
          onPick: ask("cohost.remove"),
        },
      seat &&
        may(state, "spotlight") && {
          icon: "star",
          text: isSpot ? gettext("End the spotlight") : gettext("Put in the spotlight"),
          hook: "spotlight",
          user: who.id,
          onPick: () => this.room.ask("spotlight.set", { user: isSpot ? null : who.id }),
        },
      seat?.mic &&
        can("mute") && {
          icon: "mic-off",
          text: gettext("Mute"),
          hook: "mute",
          user: who.id,
          onPick: ask("seat.mute"),
        },
      seat &&
        !seat.mic &&
        can("mute") && {
          icon: "mic",
          text: gettext("Ask to un-mute"),
          hook: "ask-unmute",
          user: who.id,
          onPick: ask("seat.ask_unmute"),
        },
      seat?.camera &&
        can("mute") && {
          icon: "video-off",
          text: gettext("Turn their camera off"),
          hook: "camera-off",
          user: who.id,
          onPick: ask("seat.camera_off"),
        },
      seat &&
        can("move_down") && {
          icon: "arrow-down-to-line",
          text: gettext("Move to listeners"),
          hook: "move-down",
          user: who.id,
          onPick: ask("seat.move_down"),
        },
      can("remove") && "rule",
      can("remove") && {
        icon: "user-x",
        text: gettext("Remove from the Space"),
        hook: "remove",
        user: who.id,
        isDangerous: true,
        onPick: () => this.confirmRemove(who),
      },
    ];
  }

  /** @param {RoomState} state @param {Person} who @returns {(Item|"rule"|false)[]} */
  #asMember(state, who) {
    if (!state.me.user) return [];
    const report = () => navigate(this.reportUrl.replace("/0/", `/${who.id}/`));
    return [
      !may(state, "remove") && "rule",
      this.reportUrl !== "" && {
        icon: "flag",
        text: gettext("Report"),
        hook: "report-person",
        user: who.id,
        isDangerous: true,
        onPick: report,
      },
      {
        icon: "ban",
        text: gettext("Block"),
        hook: "block",
        user: who.id,
        isDangerous: true,
        onPick: () => this.#confirmBlock(who),
      },
    ];
  }

  /** @param {Person} who */
  #confirmBlock(who) {
    this.sheet.confirm(
      "block-sheet",
      fill(gettext("Block %(name)s?"), { name: who.name }),
      gettext(
        "You no longer see each other's posts and Spaces, and they are muted for you here. They are not told.",
      ),
      [
        {
          text: gettext("Block"),
          kind: "btn--danger",
          hook: "confirm-block",
          onPick: () => this.#block(who),
        },
      ],
      gettext("Not now"),
    );
  }

  /** @param {Person} who */
  async #block(who) {
    // htmx sends the token of the log-in with it, and says what went wrong.
    await htmx.ajax("POST", `${who.url}block/`, { values: { on: "1" }, swap: "none" });
    this.room.address.blocked.add(who.id);
    this.room.muteForMe(who.id, true);
  }

  /** @param {Person} who */
  confirmRemove(who) {
    this.sheet.confirm(
      "remove-sheet",
      fill(gettext("Remove %(name)s?"), { name: who.name }),
      gettext("They cannot come back into this Space."),
      [
        {
          text: gettext("Remove"),
          kind: "btn--danger",
          hook: "confirm-remove",
          onPick: () => this.room.ask("room.remove", { user: who.id }),
        },
      ],
      gettext("Keep them"),
    );
  }
}
