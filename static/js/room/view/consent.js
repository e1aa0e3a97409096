/**
 * "May you be recorded?": asked of everybody on stage when REC begins, and of those on their way
 * up (RULES §8).
 *
 * @import {Room} from "../room.js"
 * @import {RoomState} from "../state.js"
 * @import {Sheet} from "./sheet.js"
 * @import {Banner} from "./banners.js"
 */

import { mySeat } from "../selectors.js";
import { fill, firstName, gettext } from "../../i18n.js";
import { inWords } from "../../time_format.js";

export class Consent {
  #askedUntil = "";

  /** @param {Room} room @param {Sheet} sheet */
  constructor(room, sheet) {
    this.room = room;
    this.sheet = sheet;
  }

  /**
   * Put the question once, when it comes; who closes it still has it in the banner.
   *
   * @param {RoomState} state
   */
  render(state) {
    const until = openUntil(state);
    if (!until) {
      if (
        this.#askedUntil &&
        this.sheet.isOpen &&
        document.querySelector("[data-room=consent-sheet]")
      )
        this.sheet.close();
      this.#askedUntil = "";
      return;
    }
    if (until === this.#askedUntil) return;
    this.#askedUntil = until;
    this.sheet.confirm(
      "consent-sheet",
      gettext("This Space is being recorded"),
      stageText(state),
      [
        {
          text: gettext("Agree and stay on stage"),
          kind: "btn--primary",
          hook: "consent-give",
          onPick: () => this.room.ask("consent.give"),
        },
        {
          text: gettext("Go to the listeners"),
          kind: "btn--line",
          hook: "consent-decline",
          onPick: () => this.room.ask("consent.decline"),
        },
      ],
      gettext("Decide in a moment"),
    );
  }

  /**
   * Ask on the way up, then go on with a yes; without REC there is nothing to ask.
   *
   * @param {RoomState} state
   * @param {(consent: boolean) => void} proceed
   */
  before(state, proceed) {
    if (!state.space.recording) return proceed(false);
    this.sheet.confirm(
      "consent-sheet",
      gettext("This Space is being recorded"),
      wayUpText(state),
      [
        {
          text: gettext("Agree and go on"),
          kind: "btn--primary",
          hook: "consent-give",
          onPick: () => proceed(true),
        },
      ],
      gettext("Stay a listener"),
    );
  }

  /** @param {RoomState} state @returns {Banner|null} */
  banner(state) {
    const until = openUntil(state);
    if (!until) return null;
    return {
      name: "consent",
      icon: "circle-dot",
      tone: "warning",
      text: gettext("May you be recorded? Without an answer you become a listener."),
      until: Date.parse(until),
      actions: [
        {
          text: gettext("No"),
          hook: "consent-decline",
          onPick: () => this.room.ask("consent.decline"),
        },
        {
          text: gettext("Agree"),
          hook: "consent-give",
          isMain: true,
          onPick: () => this.room.ask("consent.give"),
        },
      ],
    };
  }
}

/** @param {RoomState} state @returns {string} until when the question is open, "" without one */
function openUntil(state) {
  const { consent } = state.me;
  return consent && !consent.given && mySeat(state) ? (consent.expires_at ?? "") : "";
}

/** @param {RoomState} state */
function stageText(state) {
  if (state.me.role === "host")
    return gettext(
      "Your voice, your picture and the captions become part of the replay. If you say no, the recording stops.",
    );
  return fill(
    gettext(
      "%(name)s records this Space. Your voice, your picture and the captions become part of the replay, from when you agree. Without an answer in %(time)s you become a listener.",
    ),
    { name: firstName(state.space.host.name), time: inWords(state.space.limits.consent_s) },
  );
}

/** @param {RoomState} state */
function wayUpText(state) {
  return fill(
    gettext(
      "On stage your voice, your picture and the captions become part of the replay, which the host can publish for %(time)s. As a listener you are not recorded.",
    ),
    { time: inWords(state.space.limits.replay_kept_s) },
  );
}
