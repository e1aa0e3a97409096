/**
 * The sheets of a room: share, leave, ask to speak, settings, keys, the end.
 *
 * @import {Room} from "../room.js"
 * @import {Ending, RoomState} from "../state.js"
 * @import {Person} from "../messages.js"
 */

import { serverClock } from "../../net/server_clock.js";
import { duration, inWords } from "../../time_format.js";
import { may, mySeat } from "../selectors.js";
import { fill, firstName, gettext, ngettext } from "../../i18n.js";
import { boost, h, icon } from "../../dom.js";
import { navigate } from "../../navigate.js";
import { atMost } from "../../text.js";
import { Sheet, switchRow } from "./sheet.js";

// Besides the co-hosts, the speakers who have been on stage longest are offered.
const SPEAKERS_OFFERED = 2;

/**
 * @typedef {{spacesUrl: string, composeUrl: string, messageUrl: string, reportUrl: string}}
 *   Addresses
 */

export class Sheets {
  /**
   * @param {Room} room @param {Addresses} addresses
   * @param {{onLeft: () => void}} actions
   */
  constructor(room, addresses, actions) {
    this.room = room;
    this.addresses = addresses;
    this.actions = actions;
    this.sheet = new Sheet();
    /** @type {import("./consent.js").Consent|null} */ this.consent = null;
  }

  get isOpen() {
    return this.sheet.isOpen;
  }

  close() {
    this.sheet.close();
  }

  /**
   * Leave: at once for everybody but the one who runs the room, who is asked.
   *
   * @param {RoomState|null} state
   */
  leave(state) {
    if (!state || !this.#mustDecide(state)) return this.#goOut();
    // Co-hosts stand before speakers on stage, so they are the first that are offered.
    const heirs = state.stage
      .filter((seat) => seat.role !== "host" && seat.presence !== "lost")
      .slice(0, state.space.limits.cohosts + SPEAKERS_OFFERED);
    const choices = heirs.map(({ user, role }) => ({
      text: fill(
        role === "cohost" ? gettext("Hand over to %(name)s") : gettext("Ask %(name)s to take over"),
        { name: firstName(user.name) },
      ),
      kind: role === "cohost" ? "btn--primary" : "btn--line",
      hook: "hand-over",
      user: user.id,
      onPick: () => this.#handOver(user, role === "cohost"),
    }));
    const count = state.listeners.count;
    this.sheet.confirm(
      "leave-sheet",
      gettext("Leave the Space?"),
      fill(ngettext("%(count)s person is listening.", "%(count)s people are listening.", count), {
        count,
      }),
      [
        ...choices,
        {
          text: gettext("End for everyone"),
          kind: "btn--danger",
          hook: "end",
          onPick: () => this.room.ask("space.end"),
        },
      ],
      gettext("Stay"),
    );
  }

  /** @param {RoomState} state */
  #mustDecide(state) {
    return state.space.state === "live" && may(state, "hand_over") && Boolean(mySeat(state));
  }

  /**
   * A co-host takes over at once and the way out is free; a speaker is asked first.
   *
   * @param {Person} user
   * @param {boolean} isAtOnce
   */
  async #handOver(user, isAtOnce) {
    if (!(await this.room.ask("host.hand_over", { user: user.id }))) return;
    if (isAtOnce) await this.#goOut();
    else
      this.room.toast(
        fill(gettext("%(name)s has been asked. You can leave once they take over."), {
          name: firstName(user.name),
        }),
      );
  }

  async #goOut() {
    this.sheet.close();
    await this.room.leave();
    this.actions.onLeft();
  }

  /**
   * Speak at once where everyone may, else a request with an optional reason.
   *
   * @param {RoomState} state
   */
  ask(state) {
    if (state.space.speak_rule === "everyone") return this.#speak(state);
    const field = h("input", {
      class: "field__input",
      id: "room-reason",
      ...atMost(state.space.limits.request_reason_chars),
      autocomplete: "off",
      "data-room": "reason",
      placeholder: gettext("For example: a question about the second part"),
    });
    const form = h(
      "form",
      { class: "stack", method: "dialog" },
      h(
        "p",
        { class: "muted" },
        gettext(
          "The host sees your name and what you write. You stay muted until you tap to talk.",
        ),
      ),
      h(
        "div",
        { class: "field" },
        h(
          "label",
          { class: "field__label", for: "room-reason" },
          gettext("What about? (if you like)"),
        ),
        field,
      ),
      state.space.recording &&
        h(
          "p",
          { class: "notice notice--rec", "data-room": "consent-note" },
          h("span", { class: "badge badge--rec" }, gettext("REC")),
          gettext(
            "This Space is being recorded. By asking you agree that your voice, your picture and the captions become part of the replay.",
          ),
        ),
      h(
        "div",
        { class: "sheet__actions" },
        h(
          "button",
          { class: "btn btn--primary btn--lg", type: "submit", "data-room": "send-request" },
          icon("hand", "sm"),
          state.space.recording ? gettext("Agree and ask to speak") : gettext("Ask to speak"),
        ),
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.sheet.close();
      this.room.publisher.requestToSpeak(field.value.trim(), state.space.recording);
    });
    this.sheet.show("ask-sheet", gettext("Ask to speak"), form);
    field.focus();
  }

  /** Take a free seat at once; while REC after a yes to that. @param {RoomState} state */
  #speak(state) {
    if (!this.consent) return void this.room.publisher.requestToSpeak("");
    this.consent.before(state, (consent) => void this.room.publisher.requestToSpeak("", consent));
  }

  /** REC on asks everybody on stage, so it is asked for once more. @param {RoomState} state */
  record(state) {
    if (state.space.recording) {
      return this.sheet.confirm(
        "record-sheet",
        gettext("Stop recording?"),
        gettext(
          "What was recorded becomes the replay when the Space ends. You can go on recording later.",
        ),
        [
          {
            text: gettext("Stop recording"),
            kind: "btn--danger",
            hook: "record-stop",
            onPick: () => this.room.ask("recording.stop"),
          },
        ],
        gettext("Go on recording"),
      );
    }
    return this.sheet.confirm(
      "record-sheet",
      gettext("Record this Space?"),
      fill(
        gettext(
          "Everybody sees REC. Each person on stage is asked, and whoever does not agree becomes a listener. The replay stands at this address for %(time)s; you can delete it.",
        ),
        { time: inWords(state.space.limits.replay_kept_s) },
      ),
      [
        {
          text: gettext("Start recording"),
          kind: "btn--primary",
          hook: "record-start",
          onPick: () => this.room.ask("recording.start"),
        },
      ],
      gettext("Do not record"),
    );
  }

  /** @param {RoomState} state */
  share(state) {
    const url = new URL(state.space.url, location.href).href;
    /** @type {(import("./sheet.js").Item|null)[]} */
    const items = [
      {
        icon: "link",
        text: gettext("Copy link"),
        hook: "copy-link",
        onPick: () => this.#copy(url),
      },
      state.me.user && this.addresses.composeUrl
        ? {
            icon: "feather",
            text: gettext("Write a post with it"),
            hook: "share-post",
            onPick: () => navigate(`${this.addresses.composeUrl}?text=${encodeURIComponent(url)}`),
          }
        : null,
      state.me.user && this.addresses.messageUrl
        ? {
            icon: "send",
            text: gettext("Send as a message"),
            hook: "share-message",
            onPick: () => navigate(`${this.addresses.messageUrl}?url=${encodeURIComponent(url)}`),
          }
        : null,
      "share" in navigator
        ? {
            icon: "share",
            text: gettext("Other ways"),
            hook: "share-native",
            onPick: () => navigator.share({ title: state.space.title, url }).catch(() => null),
          }
        : null,
    ];
    this.sheet.menu(
      "share-sheet",
      gettext("Share this Space"),
      items,
      h("p", { class: "muted sheet__link" }, url),
    );
  }

  /** @param {string} url */
  async #copy(url) {
    try {
      await navigator.clipboard.writeText(url);
      this.room.toast(gettext("Link copied"));
    } catch {
      this.room.toast(
        gettext("The browser does not let us copy. Copy it from the address line."),
        "error",
      );
    }
  }

  /**
   * @param {RoomState} state
   * @param {{share: () => void, people: () => void, captions: () => void, captionSettings: () =>
   *   void, keys: () => void, screen: (() => void)|null, isPhone: boolean, areCaptionsOn: boolean}}
   *   actions
   */
  more(state, actions) {
    const { pageState } = this.room;
    const seat = mySeat(state);
    this.sheet.menu("more-sheet", gettext("More"), [
      actions.isPhone && {
        icon: "share",
        text: gettext("Share"),
        hook: "more-share",
        onPick: actions.share,
      },
      actions.isPhone && {
        icon: "users",
        text: gettext("People"),
        hook: "more-people",
        onPick: actions.people,
      },
      actions.isPhone &&
        state.captions.status !== "off" && {
          icon: "captions",
          text: actions.areCaptionsOn ? gettext("Hide captions") : gettext("Show captions"),
          hook: "more-captions",
          onPick: actions.captions,
        },
      actions.isPhone && actions.screen
        ? {
            icon: "screen-share",
            text: seat?.screen ? gettext("Stop sharing the screen") : gettext("Share the screen"),
            hook: "more-screen",
            onPick: actions.screen,
          }
        : null,
      seat && this.room.publisher.tracks.canSwitchCamera && this.room.publisher.tracks.camera
        ? {
            icon: "switch-camera",
            text: gettext("Switch camera"),
            hook: "more-switch-camera",
            onPick: () => this.room.publisher.switchCamera(),
          }
        : null,
      state.space.video && {
        icon: pageState.isAudioOnly ? "video" : "headphones",
        text: pageState.isAudioOnly ? gettext("Show pictures again") : gettext("Audio only"),
        hook: "audio-only",
        onPick: () => this.room.setAudioOnly(!pageState.isAudioOnly),
      },
      {
        icon: pageState.isSilent ? "volume-2" : "volume-x",
        text: pageState.isSilent ? gettext("Sound on") : gettext("Sound off"),
        hook: "silence",
        onPick: () => this.room.setSilent(!pageState.isSilent),
      },
      state.space.state === "live" &&
        state.captions.status !== "off" && {
          icon: "captions",
          text: gettext("How captions look"),
          hook: "more-captions-look",
          onPick: actions.captionSettings,
        },
      state.space.state === "live" &&
        may(state, "record") && {
          icon: state.space.recording ? "circle-x" : "circle-dot",
          text: state.space.recording ? gettext("Stop recording") : gettext("Record"),
          hook: "record",
          onPick: () => this.record(state),
        },
      may(state, "edit") && {
        icon: "sliders-horizontal",
        text: gettext("Settings of this Space"),
        hook: "settings",
        onPick: () => this.settings(state),
      },
      may(state, "mute") && {
        icon: "mic-off",
        text: gettext("Mute all"),
        hook: "more-mute-all",
        onPick: () => this.room.ask("room.mute_all"),
      },
      may(state, "mute") && {
        icon: state.space.mics_locked ? "lock-open" : "lock",
        text: state.space.mics_locked
          ? gettext("Unlock the microphones")
          : gettext("Lock the microphones"),
        hook: "lock-mics",
        onPick: () => this.room.ask("room.lock_mics", { on: !state.space.mics_locked }),
      },
      !actions.isPhone && {
        icon: "keyboard",
        text: gettext("Keys"),
        hook: "keys",
        key: "?",
        onPick: actions.keys,
      },
      this.addresses.reportUrl
        ? {
            icon: "flag",
            text: gettext("Report this Space"),
            hook: "report",
            onPick: () => navigate(this.addresses.reportUrl),
          }
        : null,
      state.space.state === "live" && may(state, "end") && "rule",
      state.space.state === "live" &&
        may(state, "end") && {
          icon: "circle-x",
          text: gettext("End for everyone"),
          hook: "more-end",
          isDangerous: true,
          onPick: () => this.#confirmEnd(),
        },
    ]);
  }

  #confirmEnd() {
    this.sheet.confirm(
      "end-sheet",
      gettext("End the Space for everyone?"),
      gettext("All sound and pictures stop. It cannot be started again."),
      [
        {
          text: gettext("End for everyone"),
          kind: "btn--danger",
          hook: "end",
          onPick: () => this.room.ask("space.end"),
        },
      ],
      gettext("Go on"),
    );
  }

  /** @param {RoomState} state */
  settings(state) {
    const { space } = state;
    const update = (/** @type {Record<string, unknown>} */ fields) =>
      this.room.ask("room.update", fields);
    const title = h("input", {
      class: "field__input",
      id: "room-title",
      ...atMost(space.limits.space_title_chars),
      required: true,
      value: space.title,
      "data-room": "title",
    });
    const form = h(
      "form",
      { class: "field", "data-room": "title-form" },
      h("label", { class: "field__label", for: "room-title" }, gettext("Title")),
      h(
        "div",
        { class: "cluster settings__title" },
        title,
        h("button", { class: "btn btn--soft", type: "submit" }, gettext("Save")),
      ),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (await update({ title: title.value })) this.room.toast(gettext("Title changed"));
    });
    const toggles = /** @type {[string, string, string, boolean][]} */ ([
      [
        "requests_open",
        gettext("People may ask to speak"),
        gettext("Off: only people you invite"),
        space.requests_open,
      ],
      [
        "video",
        gettext("Cameras and screens"),
        gettext("Everyone on stage may turn on a camera"),
        space.video,
      ],
      ["locked", gettext("Lock the room"), gettext("Nobody new can come in"), space.locked],
    ]);
    const switches = toggles.map(([name, label, hint, isOn]) =>
      switchRow({
        title: label,
        hint,
        isOn,
        hook: `set-${name}`,
        onSet: (on) => update({ [name]: on }),
      }),
    );
    if (may(state, "mute"))
      switches.push(
        switchRow({
          title: gettext("Lock the microphones"),
          hint: gettext("Only you and co-hosts can un-mute"),
          isOn: space.mics_locked,
          hook: "set-mics_locked",
          onSet: (on) => this.room.ask("room.lock_mics", { on }),
        }),
      );
    this.sheet.show(
      "settings-sheet",
      gettext("Settings of this Space"),
      form,
      this.#speakRule(space.speak_rule, update),
      ...switches,
    );
  }

  /** @param {string} now @param {(fields: Record<string, unknown>) => void} update */
  #speakRule(now, update) {
    const choices = [
      ["invited", gettext("Only people I invite"), gettext("Others can ask, you decide")],
      ["followed", gettext("People I follow"), gettext("They take a free seat, others ask")],
      ["everyone", gettext("Everyone"), gettext("Anyone takes a free seat at once")],
    ];
    const rows = choices.map(([value, title, hint]) => {
      const input = h("input", {
        type: "radio",
        name: "room-speak-rule",
        value,
        "data-room": `rule-${value}`,
        onchange: () => update({ speak_rule: value }),
      });
      input.checked = value === now;
      return h(
        "label",
        { class: "choice" },
        input,
        h(
          "span",
          { class: "row__text" },
          h("span", { class: "row__title" }, title),
          h("span", { class: "row__hint" }, hint),
        ),
      );
    });
    return h(
      "fieldset",
      { class: "field settings__rule" },
      h("legend", { class: "field__label" }, gettext("Who may speak")),
      h("div", { class: "choices" }, ...rows),
    );
  }

  keys() {
    const keys = [
      ["M", gettext("Microphone")],
      ["V", gettext("Camera")],
      ["R", gettext("Ask to speak, again to cancel")],
      ["C", gettext("Captions")],
      ["P", gettext("People")],
      ["E", gettext("React, then 1 to 9")],
      ["S", gettext("Share")],
      ["Shift L", gettext("Leave")],
      ["Esc", gettext("Close what is on top")],
      ["?", gettext("This list")],
    ];
    this.sheet.show(
      "keys-sheet",
      gettext("Keys"),
      h(
        "dl",
        { class: "keys" },
        ...keys.flatMap(([key, text]) => [h("dt", {}, h("kbd", {}, key)), h("dd", {}, text)]),
      ),
    );
  }

  /** The end: who ended it, how long, how many. @param {RoomState} state @param {Ending} ending */
  ended(state, ending) {
    const { space } = state;
    const endedAt = space.ended_at ? Date.parse(space.ended_at) : serverClock.now();
    const lasted = space.started_at ? duration(endedAt - Date.parse(space.started_at)) : "";
    const counts = [
      fill(ngettext("%(count)s person listened", "%(count)s people listened", ending.listened), {
        count: ending.listened,
      }),
      fill(ngettext("%(count)s spoke", "%(count)s spoke", ending.spoke), { count: ending.spoke }),
    ];
    const text = [lasted, ...counts].filter(Boolean).join(", ");
    const host = ending.by ?? space.host;
    const dialog = this.sheet.show(
      "ended-sheet",
      endedTitle(ending),
      h("p", { class: "muted" }, `${text}.`),
      h(
        "div",
        { class: "sheet__actions" },
        state.wasRecorded
          ? h(
              "a",
              { class: "btn btn--primary", href: space.url, "data-room": "to-replay" },
              icon("play", "sm"),
              gettext("To the replay"),
            )
          : null,
        h(
          "a",
          {
            class: state.wasRecorded ? "btn" : "btn btn--primary",
            href: this.addresses.spacesUrl,
            "data-room": "other-spaces",
          },
          gettext("See other Spaces"),
        ),
        host.id === state.me.user?.id
          ? null
          : h(
              "a",
              { class: "btn", href: host.url },
              fill(gettext("See %(name)s's profile"), { name: firstName(host.name) }),
            ),
      ),
    );
    let isFollowed = false;
    for (const link of dialog.querySelectorAll("a")) {
      boost(link);
      link.addEventListener("click", () => {
        isFollowed = true;
        this.sheet.close();
      });
    }
    dialog.addEventListener("close", () => isFollowed || this.actions.onLeft());
  }
}

/** @param {Ending} ending */
export function endedTitle(ending) {
  if (ending.reason === "moderators") return gettext("This Space was ended by moderators");
  if (ending.reason === "host_lost")
    return gettext("The host lost the connection, so the Space ended");
  if (ending.reason === "too_long") return gettext("The Space reached its longest time and ended");
  if (ending.reason === "cancelled") return gettext("This Space was cancelled");
  return ending.by
    ? fill(gettext("%(name)s ended the Space"), { name: firstName(ending.by.name) })
    : gettext("The Space has ended");
}
