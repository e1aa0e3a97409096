/**
 * What the room has to say to this person right now: a column of short lines under the head, most
 * urgent first.
 *
 * @import {Room} from "../room.js"
 * @import {RoomState} from "../state.js"
 */

import { announce } from "../../announcer.js";
import { serverClock } from "../../net/server_clock.js";
import { countdown } from "../../time_format.js";
import { poorlySent, mySeat, isHostOrCohost, seatOf } from "../selectors.js";
import { CLOSED } from "../socket.js";
import { fill, firstName, gettext, ordinal } from "../../i18n.js";
import { h, icon, keyed, part, redraw, write } from "../../dom.js";

/**
 * @typedef {object} Banner
 * @property {string} name
 * @property {string} icon
 * @property {string} text
 * @property {"warning"|"quiet"|"bad"} [tone]
 * @property {number} [until] an instant to count down to
 * @property {{text: string, hook: string, isMain?: boolean, onPick: () => void}[]} [actions]
 */

// Changes of the room, whether there is a banner or not (../announcements.js).
const SAID_ANYWAY = new Set(["on-stage", "requests"]);
const SETTLE_MS = 1_500; // Shorter breaks mend themselves; saying so would only flicker.

export class Banners {
  /** @type {Set<string>} */ #said = new Set();
  #wasOnStage = false;
  #isNewOnStage = false;
  #seenRequests = 0;
  #troubleSince = 0;
  #knownBlocked = 0;

  /**
   * @param {HTMLElement} root @param {Room} room
   * @param {{onRequests: () => void, onLeave: () => void, onLogIn: () => void, isQueueOpen: () =>
   *   boolean, rerender: () => void}} actions
   */
  constructor(root, room, actions) {
    this.room = room;
    this.actions = actions;
    this.box = part(root, "banners");
    /** @type {import("./consent.js").Consent|null} */ this.consent = null;
  }

  /** @param {RoomState|null} state */
  render(state) {
    const isHere = state && this.room.isIn && !state.ending;
    const banners = [
      ...this.#connectionBanners(state),
      ...(isHere ? this.#roomBanners(state) : []),
    ];
    const shown = banners.slice(0, 3);
    this.#announce(shown);
    keyed(
      this.box,
      shown,
      (banner) => banner.name,
      (banner) => this.#make(banner),
      (element, banner) => this.#update(element, banner),
    );
    this.tick();
  }

  /** Each that is new, or says something new. @param {Banner[]} shown */
  #announce(shown) {
    const said = new Set(shown.map(({ name, text, until }) => `${name}|${until ?? ""}|${text}`));
    for (const { name, text, until } of shown)
      if (!this.#said.has(`${name}|${until ?? ""}|${text}`) && !SAID_ANYWAY.has(name))
        announce(text);
    this.#said = said;
  }

  /** Clocks move once a second without drawing the page anew. */
  tick() {
    for (const clock of this.box.querySelectorAll(".banner__clock")) {
      const until = Number(/** @type {HTMLElement} */ (clock).dataset.until);
      write(clock, until ? countdown(until - serverClock.now()) : "");
    }
  }

  /** @param {RoomState|null} state @returns {Banner[]} */
  #connectionBanners(state) {
    const { pageState } = this.room;
    if (pageState.closedWith === CLOSED.replaced) return [this.#elsewhere()];
    if (state?.loggedOut && !this.room.isIn) return [this.#loggedOut(state)];
    const isTrouble =
      pageState.link === "lost" || (pageState.media === "failed" && pageState.link === "open");
    if (!isTrouble || state?.ending) {
      this.#troubleSince = 0;
      return [];
    }
    this.#troubleSince ||= performance.now();
    if (performance.now() - this.#troubleSince < SETTLE_MS) {
      setTimeout(this.actions.rerender, SETTLE_MS);
      return [];
    }
    return [pageState.link === "lost" ? this.#reconnecting(state) : this.#noMedia()];
  }

  /** @returns {Banner} */
  #elsewhere() {
    return {
      name: "elsewhere",
      icon: "tablet-smartphone",
      tone: "warning",
      text: gettext("Playing in another tab. This one is silent."),
      actions: [
        {
          text: gettext("Play here"),
          hook: "play-here",
          isMain: true,
          onPick: () => this.room.listen(),
        },
      ],
    };
  }

  /** @param {RoomState} state @returns {Banner} */
  #loggedOut({ space }) {
    const isOpen = space.visitors_allowed && !space.locked;
    const asVisitor = {
      text: gettext("Listen as a visitor"),
      hook: "listen-as-visitor",
      onPick: () => this.room.listen(),
    };
    const logIn = {
      text: gettext("Log in"),
      hook: "log-in-again",
      isMain: true,
      onPick: this.actions.onLogIn,
    };
    return {
      name: "logged-out",
      icon: "log-out",
      tone: "warning",
      text: gettext("You are logged out, so this tab has left the Space."),
      actions: isOpen ? [asVisitor, logIn] : [logIn],
    };
  }

  /** @param {RoomState|null} state @returns {Banner} */
  #reconnecting(state) {
    const keepsSeat = state && mySeat(state);
    return {
      name: "reconnecting",
      icon: "loader-circle",
      tone: "quiet",
      text: keepsSeat ? gettext("Reconnecting. Your seat is kept.") : gettext("Reconnecting."),
    };
  }

  /** @returns {Banner} */
  #noMedia() {
    const isFull = this.room.pageState.mediaCode === "no_relay";
    const text = isFull
      ? gettext("All places to listen are taken right now. We keep trying.")
      : gettext("The sound is interrupted. We are bringing it back.");
    return {
      name: "no-media",
      icon: isFull ? "users" : "loader-circle",
      tone: isFull ? "bad" : "quiet",
      text,
    };
  }

  /** @param {RoomState} state @returns {Banner[]} */
  #roomBanners(state) {
    const all = [
      this.consent?.banner(state) ?? null,
      this.#notRecording(state),
      this.#hostLost(state),
      this.#actingHost(state),
      this.#blocked(state),
      this.#sendsBadly(state),
      this.#invitation(state),
      this.#unmuteAsked(state),
      this.#onStage(state),
      this.#inQueue(state),
      this.#requests(state),
    ];
    return /** @type {Banner[]} */ (all.filter(Boolean));
  }

  /** @param {RoomState} state @returns {Banner|null} */
  #hostLost({ space, stage }) {
    if (!space.host_lost_until) return null;
    const isOnStage = stage.some((seat) => seat.user.id === space.host.id && seat.role === "host");
    const text = isOnStage
      ? gettext("%(name)s lost the connection. The Space waits.")
      : gettext("Nobody is hosting this Space. It is about to end.");
    return {
      name: "host-lost",
      icon: "wifi-off",
      tone: "warning",
      text: fill(text, { name: firstName(space.host.name) }),
      until: Date.parse(space.host_lost_until),
    };
  }

  /** @param {RoomState} state @returns {Banner|null} */
  #actingHost(state) {
    const acting = seatOf(state, state.space.acting_host)?.user;
    if (!acting || acting.id === state.space.host.id) return null;
    const names = { acting: firstName(acting.name), host: firstName(state.space.host.name) };
    const isMe = acting.id === state.me.user?.id;
    const waits = seatOf(state, state.space.host.id)?.role === "host";
    const mine = waits
      ? gettext("You are hosting until %(host)s is back.")
      : gettext("You are hosting now.");
    const theirs = waits
      ? gettext("%(acting)s is hosting until %(host)s is back.")
      : gettext("%(acting)s is hosting now.");
    return {
      name: "acting-host",
      icon: "crown",
      tone: "quiet",
      text: fill(isMe ? mine : theirs, names),
    };
  }

  /**
   * The one who has to know: nothing of what is said now is kept.
   *
   * @param {RoomState} state
   * @returns {Banner|null}
   */
  #notRecording(state) {
    if (!state.recordingTrouble || state.me.role !== "host") return null;
    const text =
      state.recordingTrouble === "disk_full"
        ? gettext(
            "Nothing is recorded right now: the disk of the server is full. It goes on by itself when there is room.",
          )
        : gettext(
            "Nothing is recorded right now: the recorder does not answer. It goes on by itself when it is back.",
          );
    return { name: "not-recording", icon: "triangle-alert", tone: "bad", text };
  }

  /** @param {RoomState} state @returns {Banner|null} */
  #blocked(state) {
    const count = state.stage.filter((seat) => this.room.address.blocked.has(seat.user.id)).length;
    if (!count || count <= this.#knownBlocked) return null;
    return {
      name: "blocked",
      icon: "shield-alert",
      tone: "bad",
      text: gettext("Someone you blocked is on stage. They are muted for you."),
      actions: [
        { text: gettext("Stay"), hook: "stay-with-blocked", onPick: () => this.#stayWith(count) },
        {
          text: gettext("Leave"),
          hook: "leave-blocked",
          isMain: true,
          onPick: this.actions.onLeave,
        },
      ],
    };
  }

  /** @param {number} count */
  #stayWith(count) {
    this.#knownBlocked = count;
    this.actions.rerender();
  }

  /** Only the others would notice it. @param {RoomState} state @returns {Banner|null} */
  #sendsBadly(state) {
    const missed = this.room.pageState.media === "connected" && poorlySent(state);
    if (!missed) return null;
    const text =
      missed === "picture"
        ? gettext("Your connection is poor. Others may not see you well.")
        : gettext("Your connection is poor. Others may not hear you well.");
    return { name: "sends-badly", icon: "signal-medium", tone: "warning", text };
  }

  /** @param {RoomState} state @returns {Banner|null} */
  #invitation(state) {
    const open = state.me.invitation;
    if (!open || isPast(open.expires_at)) return null;
    const offers = {
      speaker: { text: gettext("%(name)s invites you to speak."), yes: gettext("Go on stage") },
      cohost: { text: gettext("%(name)s invites you to be co-host."), yes: gettext("Be co-host") },
      host: {
        text: gettext("%(name)s would like you to take over as host."),
        yes: gettext("Take over"),
      },
    };
    const { text, yes } = offers[open.role];
    const kind = open.role === "host" ? "host" : "invite";
    return {
      name: open.role === "host" ? "host-offer" : "invitation",
      icon: open.role === "speaker" ? "mic" : "crown",
      tone: "quiet",
      text: fill(text, { name: firstName(open.by.name) }),
      until: Date.parse(open.expires_at),
      actions: [
        {
          text: gettext("No, thanks"),
          hook: `${kind}-decline`,
          onPick: () => void this.room.ask(`${kind}.decline`),
        },
        {
          text: yes,
          hook: `${kind}-accept`,
          isMain: true,
          onPick: () => this.#accept(state, kind),
        },
      ],
    };
  }

  /**
   * A listener who is invited while the room is recorded says yes to that first. Who takes over as
   * host is on stage, and has said it there.
   *
   * @param {RoomState} state
   * @param {"host"|"invite"} kind
   */
  #accept(state, kind) {
    if (kind === "host") return void this.room.ask("host.accept");
    if (!this.consent) return void this.room.ask("invite.accept");
    this.consent.before(state, (consent) =>
      this.room.ask("invite.accept", consent ? { consent } : {}),
    );
  }

  /** @param {RoomState} state @returns {Banner|null} */
  #unmuteAsked(state) {
    if (!state.unmuteAsked || mySeat(state)?.mic) return null;
    return {
      name: "unmute-asked",
      icon: "mic",
      tone: "quiet",
      text: fill(gettext("%(name)s asks you to un-mute."), {
        name: firstName(state.unmuteAsked.name),
      }),
      actions: [
        { text: gettext("Not now"), hook: "unmute-decline", onPick: () => this.#forgetUnmute() },
        {
          text: gettext("Un-mute"),
          hook: "unmute-accept",
          isMain: true,
          onPick: () => this.room.publisher.setMicrophone(true),
        },
      ],
    };
  }

  #forgetUnmute() {
    if (this.room.state) this.room.state = { ...this.room.state, unmuteAsked: null };
    this.actions.rerender();
  }

  /**
   * Once for everybody who came up from the listeners, until they talk.
   *
   * @param {RoomState} state
   * @returns {Banner|null}
   */
  #onStage(state) {
    const seat = mySeat(state);
    if (!seat) this.#isNewOnStage = false;
    if (seat && !this.#wasOnStage && seat.role !== "host") this.#isNewOnStage = true;
    if (seat?.mic) this.#isNewOnStage = false;
    this.#wasOnStage = Boolean(seat);
    if (!this.#isNewOnStage || state.space.state !== "live") return null;
    if (state.space.mics_locked)
      return {
        name: "on-stage",
        icon: "lock",
        tone: "quiet",
        text: gettext("You are on stage. The host keeps the microphones closed for now."),
      };
    return {
      name: "on-stage",
      icon: "mic",
      tone: "quiet",
      text: gettext("You are on stage. Tap to talk when you are ready."),
    };
  }

  /** @param {RoomState} state @returns {Banner|null} */
  #inQueue(state) {
    const request = state.me.request;
    if (!request || mySeat(state)) return null;
    return {
      name: "in-line",
      icon: "hand",
      tone: "quiet",
      text: fill(gettext("You are %(place)s in line."), { place: ordinal(request.place) }),
      actions: [
        {
          text: gettext("Cancel"),
          hook: "cancel-request",
          onPick: () => this.room.ask("speak.cancel"),
        },
      ],
    };
  }

  /** @param {RoomState} state @returns {Banner|null} */
  #requests(state) {
    const count = state.requests.length;
    if (!isHostOrCohost(state) || this.actions.isQueueOpen() || count <= this.#seenRequests) {
      if (this.actions.isQueueOpen() || count < this.#seenRequests) this.#seenRequests = count;
      return null;
    }
    const newest = state.requests[count - 1];
    return {
      name: "requests",
      icon: "hand",
      tone: "quiet",
      text: fill(gettext("%(name)s asks to speak"), { name: firstName(newest.user.name) }),
      actions: [
        {
          text: fill(gettext("See %(count)s"), { count }),
          hook: "see-requests",
          isMain: true,
          onPick: () => this.actions.onRequests(),
        },
      ],
    };
  }

  /** @param {Banner} banner */
  #make(banner) {
    const tone = { warning: "", quiet: " banner--quiet", bad: " banner--bad" }[
      banner.tone ?? "quiet"
    ];
    return h(
      "div",
      { class: `banner${tone}`, "data-room": `banner-${banner.name}` },
      icon(banner.icon),
      h("p", { class: "banner__text" }),
      h("span", { class: "banner__clock", "aria-hidden": "true" }),
      h("span", { class: "banner__actions" }),
    );
  }

  /** @param {Element} element @param {Banner} banner */
  #update(element, banner) {
    const [drawing, text, clock, actions] = /** @type {HTMLElement[]} */ ([...element.children]);
    redraw(drawing.parentElement ?? drawing, banner.icon);
    write(text, banner.text);
    clock.dataset.until = banner.until ? String(banner.until) : "";
    clock.hidden = !banner.until;
    keyed(
      actions,
      banner.actions ?? [],
      (action) => `${action.hook}:${action.text}`,
      (action) =>
        h(
          "button",
          {
            class: action.isMain ? "btn btn--primary btn--sm" : "btn btn--quiet btn--sm",
            type: "button",
            "data-room": action.hook,
            onclick: action.onPick,
          },
          action.text,
        ),
    );
  }
}

/** @param {string} time */
function isPast(time) {
  return Date.parse(time) <= serverClock.now();
}
