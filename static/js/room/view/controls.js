/**
 * The control bar: what this person may do here, by role, and nothing else.
 *
 * @import {Room} from "../room.js"
 * @import {RoomState} from "../state.js"
 */

import { announce } from "../../announcer.js";
import { serverClock } from "../../net/server_clock.js";
import { canShareScreen } from "../media_devices.js";
import { may, mayRequest, mySeat } from "../selectors.js";
import { countdown } from "../../time_format.js";
import { fill, gettext } from "../../i18n.js";
import { h, icon, keyed, part, redraw, set, write } from "../../dom.js";

/**
 * @typedef {object} Control
 * @property {string} name
 * @property {string} icon
 * @property {string} text
 * @property {() => void} onPress
 * @property {string} [kind] extra classes
 * @property {boolean} [isPressed]
 * @property {boolean} [isOff] shown, but of no use just now
 * @property {boolean} [isBusy]
 * @property {number} [badge]
 * @property {string} [key]
 * @property {string} [label] for screen readers, where the text is short
 */

/**
 * @typedef {Record<"leave"|"react"|"ask"|"people"|"share"|"more"|"captions"|"listen"|"logIn", () =>
 *   void>} Actions
 */

const PHONE = "(width < 700px)";

export class Controls {
  /**
   * @param {HTMLElement} root
   * @param {Room} room
   * @param {Actions & {isPanelOpen: () => boolean, areCaptionsOn: () => boolean}} actions
   */
  constructor(root, room, actions) {
    this.room = room;
    this.actions = actions;
    this.bar = part(root, "controls");
    this.note = part(this.bar, "note");
    this.group = part(this.bar, "bar");
    this.end = part(this.bar, "bar-end");
    this.nudge = h(
      "p",
      { class: "nudge", "data-room": "muted-talk", hidden: true },
      icon("mic-off", "sm"),
      h(
        "span",
        { class: "nudge__text" },
        gettext("You are muted. Tap the microphone to be heard."),
      ),
    );
    this.bar.prepend(this.nudge);
    this.phone = matchMedia(PHONE);
  }

  /** @param {RoomState} state */
  render(state) {
    const isPhone = this.phone.matches;
    const isOver = state.ending !== null;
    const all = isOver ? [] : this.#all(state, isPhone);
    const leave = this.#leave();
    this.#draw(this.group, isPhone ? [leave, ...all] : all);
    this.#draw(this.end, isPhone ? [] : [leave]);
    write(this.note, this.#noteText(state));
    const { isTalkingMuted } = this.room.pageState;
    if (isTalkingMuted && this.nudge.hidden) announce(this.nudge.textContent);
    this.nudge.hidden = !isTalkingMuted;
  }

  /** Before the room is entered: come in, or go away. */
  renderClosed() {
    const listen = this.#listen();
    this.#draw(this.group, this.phone.matches ? [this.#leave(), listen] : [listen]);
    this.#draw(this.end, this.phone.matches ? [] : [this.#leave()]);
    write(this.note, gettext("You are not listening yet"));
  }

  /** The log-in has ended: whether to go on as a visitor, a banner asks. */
  renderLoggedOut() {
    this.#draw(this.group, this.phone.matches ? [this.#leave()] : []);
    this.#draw(this.end, this.phone.matches ? [] : [this.#leave()]);
    write(this.note, gettext("You are not listening yet"));
  }

  /** @returns {Control} */
  #listen() {
    return {
      name: "listen-too",
      icon: "headphones",
      text: gettext("Listen"),
      kind: "ctl--big ctl--request",
      label: gettext("Listen now"),
      onPress: this.actions.listen,
    };
  }

  /**
   * Five a thumb can reach on a phone, all of them on a desktop.
   *
   * @param {RoomState} state
   * @param {boolean} isPhone
   * @returns {Control[]}
   */
  #all(state, isPhone) {
    const main = this.#main(state);
    const react =
      may(state, "react") && state.space.state === "live"
        ? this.#plain("react", "smile-plus", gettext("React"), "E")
        : null;
    const camera = this.#camera(state);
    const screen = isPhone ? null : this.#screen(state);
    const captions =
      state.captions.status !== "off" && state.space.state === "live" ? this.#captions() : null;
    const people = this.#people(state);
    const share = this.#plain("share", "share", gettext("Share"), "S");
    const more = this.#plain("more", "ellipsis", gettext("More"));
    if (!isPhone)
      return /** @type {Control[]} */ (
        [main, react, camera, screen, captions, people, share, more].filter(Boolean)
      );
    // RULES and design: Leave · React · microphone or request · Captions or Camera · More, the big
    // one in the middle.
    const isHosting = may(state, "speakers");
    const [second, fourth, fifth] = isHosting
      ? [camera ?? share, react ?? people, react ? people : more]
      : [react ?? share, camera ?? captions ?? people, more];
    return /** @type {Control[]} */ ([second, main, fourth, fifth].filter(Boolean));
  }

  /** @param {RoomState} state @returns {Control|null} */
  #main(state) {
    const seat = mySeat(state);
    const { pageState } = this.room;
    if (seat && this.room.publisher.isInterrupted("mic"))
      return this.#takenMicrophone(pageState.busy.has("mic"));
    if (seat)
      return this.#microphone(
        seat.mic,
        state.space.mics_locked && !may(state, "mute"),
        pageState.busy.has("mic"),
      );
    if (!pageState.isListening) return this.#listen();
    if (state.me.role === "visitor")
      return {
        name: "log-in",
        icon: "log-in",
        text: gettext("Log in"),
        kind: "ctl--big ctl--request",
        label: gettext("Log in to ask to speak"),
        onPress: this.actions.logIn,
      };
    return this.#request(state);
  }

  /** @param {boolean} isOn @param {boolean} isLocked @param {boolean} isBusy @returns {Control} */
  #microphone(isOn, isLocked, isBusy) {
    const text = isOn ? gettext("Mute") : isLocked ? gettext("Locked") : gettext("Un-mute");
    return {
      name: "mic",
      icon: isOn ? "mic" : "mic-off",
      text,
      kind: "ctl--big ctl--mic",
      isPressed: isOn,
      isOff: isLocked && !isOn,
      isBusy,
      key: "M",
      label: isOn
        ? gettext("Mute")
        : isLocked
          ? gettext("The host has locked the microphones")
          : gettext("Un-mute, tap to talk"),
      onPress: () => this.room.publisher.setMicrophone(!isOn),
    };
  }

  /** @param {boolean} isBusy @returns {Control} */
  #takenMicrophone(isBusy) {
    return {
      name: "mic",
      icon: "mic-off",
      text: gettext("Interrupted"),
      kind: "ctl--big ctl--mic is-taken",
      isPressed: false,
      isBusy,
      key: "M",
      label: gettext("A call or another program has your microphone. Tap to take it back."),
      onPress: () => this.room.publisher.toggleMicrophone(),
    };
  }

  /** @param {RoomState} state @returns {Control|null} */
  #request(state) {
    const { me } = state;
    if (me.request)
      return {
        name: "cancel-line",
        icon: "hand",
        text: gettext("In line"),
        kind: "ctl--big ctl--request is-waiting",
        isPressed: true,
        key: "R",
        label: gettext("In line. Press to cancel."),
        onPress: () => this.room.ask("speak.cancel"),
      };
    const wait = me.may_request_at ? Date.parse(me.may_request_at) - serverClock.now() : 0;
    if (wait > 0)
      return {
        name: "request",
        icon: "mic",
        text: fill(gettext("Again in %(time)s"), { time: countdown(wait) }),
        kind: "ctl--big ctl--request",
        isOff: true,
        onPress: () => {},
      };
    if (!mayRequest(state))
      return {
        name: "request",
        icon: "mic-off",
        text: gettext("Requests off"),
        kind: "ctl--big ctl--request",
        isOff: true,
        onPress: () => {},
      };
    const text = state.space.speak_rule === "everyone" ? gettext("Speak") : gettext("Ask to speak");
    return {
      name: "request",
      icon: "mic",
      text,
      kind: "ctl--big ctl--request",
      isBusy: this.room.pageState.busy.has("request"),
      key: "R",
      onPress: this.actions.ask,
    };
  }

  /** @param {RoomState} state @returns {Control|null} */
  #camera(state) {
    const seat = mySeat(state);
    if (!seat || !state.space.video || state.space.state !== "live") return null;
    const isTaken = this.room.publisher.isInterrupted("camera");
    const isOn = seat.camera && !isTaken;
    return {
      name: "camera",
      icon: isOn ? "video" : "video-off",
      text: isTaken ? gettext("Interrupted") : gettext("Camera"),
      isPressed: isOn,
      isBusy: this.room.pageState.busy.has("camera"),
      key: "V",
      label: isTaken
        ? gettext("A call or another program has your camera. Tap to take it back.")
        : isOn
          ? gettext("Turn the camera off")
          : gettext("Turn the camera on"),
      onPress: () => this.room.publisher.toggleCamera(),
    };
  }

  /** @param {RoomState} state @returns {Control|null} */
  #screen(state) {
    const seat = mySeat(state);
    if (!seat || !state.space.video || state.space.state !== "live" || !canShareScreen())
      return null;
    return {
      name: "screen",
      icon: seat.screen ? "screen-share-off" : "screen-share",
      text: gettext("Screen"),
      isPressed: seat.screen,
      isBusy: this.room.pageState.busy.has("screen"),
      label: seat.screen ? gettext("Stop sharing the screen") : gettext("Share the screen"),
      onPress: () => this.room.publisher.setScreen(!seat.screen),
    };
  }

  /** @returns {Control} */
  #captions() {
    return {
      name: "captions",
      icon: "captions",
      text: gettext("Captions"),
      isPressed: this.actions.areCaptionsOn(),
      key: "C",
      onPress: this.actions.captions,
    };
  }

  /** @param {RoomState} state @returns {Control} */
  #people(state) {
    return {
      name: "people",
      icon: "users",
      text: gettext("People"),
      isPressed: this.actions.isPanelOpen(),
      badge: state.requests.length,
      key: "P",
      onPress: this.actions.people,
    };
  }

  /**
   * @param {"react"|"share"|"more"} name
   * @param {string} drawing
   * @param {string} text
   * @param {string} [key]
   * @returns {Control}
   */
  #plain(name, drawing, text, key) {
    return { name, icon: drawing, text, key, onPress: this.actions[name] };
  }

  /** @returns {Control} */
  #leave() {
    return {
      name: "leave",
      icon: "log-out",
      text: gettext("Leave"),
      kind: "ctl--leave",
      key: "Shift+L",
      onPress: this.actions.leave,
    };
  }

  /** @param {RoomState} state */
  #noteText(state) {
    if (state.ending) return gettext("The Space has ended");
    const seat = mySeat(state);
    if (this.room.publisher.isInterrupted("mic")) return gettext("Your microphone is interrupted");
    if (seat) return seat.mic ? gettext("Your microphone is on") : gettext("You are muted");
    return this.room.pageState.isListening
      ? gettext("You are listening")
      : gettext("You are not listening yet");
  }

  /** @param {HTMLElement} box @param {Control[]} controls */
  #draw(box, controls) {
    keyed(
      box,
      controls,
      (control) => control.name,
      (control) => this.#make(control),
      (element, control) => this.#update(element, control),
    );
  }

  /** @param {Control} control */
  #make(control) {
    const button = h(
      "button",
      { type: "button", "data-room": control.name },
      h("span", { class: "ctl__face" }, icon(control.icon)),
      h("span", { class: "ctl__text" }),
    );
    button.addEventListener(
      "click",
      () => button.getAttribute("aria-disabled") || PRESS.get(button)?.(),
    );
    return button;
  }

  /** @param {Element} button @param {Control} control */
  #update(button, control) {
    PRESS.set(button, control.onPress);
    set(button, "class", `ctl ${control.kind ?? ""}`.trim());
    set(button, "aria-pressed", control.isPressed === undefined ? null : String(control.isPressed));
    set(button, "aria-disabled", control.isOff || control.isBusy ? "true" : null);
    set(button, "aria-busy", control.isBusy ? "true" : null);
    set(button, "aria-keyshortcuts", control.key);
    set(button, "aria-label", control.label);
    set(button, "title", control.label ?? null);
    redraw(button, control.icon);
    write(/** @type {Element} */ (button.lastElementChild), control.text);
    this.#badge(/** @type {HTMLElement} */ (button.firstElementChild), control.badge ?? 0);
  }

  /** @param {HTMLElement} face @param {number} count */
  #badge(face, count) {
    const badge = face.querySelector(".badge");
    if (!count) return badge?.remove();
    if (badge) return write(badge, String(count));
    face.append(h("span", { class: "badge badge--count badge--now" }, String(count)));
  }
}

/**
 * What a button does now: the same button stays in place while its meaning changes.
 *
 * @type {WeakMap<Element, () => void>}
 */
const PRESS = new WeakMap();
