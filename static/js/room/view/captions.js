/**
 * The last words under the picture. Not a live region: a screen reader hears the people themselves.
 *
 * What is shown as live is never old: a line that has not changed for some seconds goes, and when
 * the engine is behind or away that is said instead.
 *
 * @import {Caption, RoomState} from "../state.js"
 */

import { peopleById } from "../selectors.js";
import { brokenUp, captionKey, lineChars } from "../state.js";
import { firstName, gettext } from "../../i18n.js";
import { h, icon, keyed, part, set, write } from "../../dom.js";
import {
  saveCaptionSettings,
  captionSettingFields,
  readCaptionSettings,
} from "./caption_settings.js";

const LINES = 3;
const LEAST_ROWS = 2; // Empty it has no height yet.
const LIVE_MS = 10_000; // Who pauses for so long has finished; the words are in the transcript.

export class Captions {
  settings = readCaptionSettings();
  /** @type {Map<string, {text: string, at: number}>} */ #changed = new Map();

  /**
   * @param {HTMLElement} root
   * @param {{onReadBack: () => void, onSettings: () => void, isHidden: (user: number) => boolean}}
   *   actions `isHidden`: whom this person blocked
   */
  constructor(root, actions) {
    this.actions = actions;
    this.box = part(root, "captions");
    this.lines = part(this.box, "caption-lines");
    const readBack = part(this.box, "read-back");
    readBack.addEventListener("click", actions.onReadBack);
    const settingsButton = h(
      "button",
      {
        class: "btn btn--icon btn--quiet",
        type: "button",
        "data-room": "captions-look",
        "aria-label": gettext("How captions look"),
        onclick: actions.onSettings,
      },
      icon("settings-2", "sm"),
    );
    const buttons = h("div", { class: "captions__buttons" });
    readBack.before(buttons);
    buttons.append(settingsButton, readBack);
    this.note = h("p", { class: "captions__note" });
    this.lines.before(this.note);
  }

  get isOn() {
    return this.settings.isOn;
  }

  /** @param {Partial<import("./caption_settings.js").CaptionSettings>} change */
  set(change) {
    this.settings = { ...this.settings, ...change };
    saveCaptionSettings(this.settings);
  }

  fields(/** @type {() => void} */ onChange) {
    return captionSettingFields(this.settings, (change) => {
      this.set(change);
      onChange();
    });
  }

  /** @param {RoomState} state */
  render(state) {
    const { available, status } = state.captions;
    this.box.hidden = !(this.isOn && state.space.state === "live" && status !== "off");
    if (this.box.hidden) return;
    set(this.box, "data-size", this.settings.size);
    set(this.box, "data-ground", this.settings.ground);
    this.box.classList.toggle("captions--off", !available);
    write(this.note, noteOf(state.captions));
    this.#draw(state, available ? this.#live(state.lines) : []);
  }

  /** @param {Caption[]} lines */
  #live(lines) {
    const now = performance.now();
    const last = lines
      .slice(-LINES * 2)
      .filter((line) => !this.actions.isHidden(line.participant))
      .slice(-LINES);
    const changed = new Map();
    for (const line of last) {
      const key = captionKey(line);
      const before = this.#changed.get(key);
      // What was said before we came is not live because it has just arrived. (Their clock need not
      // be ours.)
      changed.set(
        key,
        before?.text === line.text ? before : { text: line.text, at: line.past ? -Infinity : now },
      );
    }
    this.#changed = changed;
    return last.filter((line) => now - changed.get(captionKey(line)).at < LIVE_MS);
  }

  /** @param {RoomState} state @param {Caption[]} lines */
  #draw(state, lines) {
    const people = peopleById(state);
    const me = state.me.user?.id;
    const name = (/** @type {Caption} */ line) =>
      line.participant === me
        ? gettext("You")
        : firstName(people.get(line.participant)?.name ?? (line.name || gettext("Somebody")));
    // A long line goes on in a new one with the name again: whatever is cut off above, the newest
    // words have theirs.
    const room = this.#room();
    const pieces = lines
      .flatMap((line) =>
        brokenUp(line.text, lineChars(room.widthPx, room.fontPx, room.rows, name(line))).map(
          (text, place) => ({ line, text, key: `${captionKey(line)}#${place}` }),
        ),
      )
      .slice(-LINES);
    keyed(
      this.lines,
      pieces,
      (piece) => `${piece.key}\n${name(piece.line)}`,
      ({ line }) =>
        h(
          "p",
          { class: "captions__line", "data-user": line.participant, dir: "auto" },
          // A `bdi` has no say in which way the line runs: its words have.
          h("bdi", { class: "captions__who" }, name(line)),
          h("span", {}),
        ),
      (element, { line, text }) => {
        write(/** @type {Element} */ (element.lastElementChild), text);
        element.classList.toggle("captions__line--old", line !== lines.at(-1));
      },
    );
  }

  /** What fits where the lines stand, at the size that was chosen. */
  #room() {
    const { clientWidth, clientHeight } = this.lines;
    const style = getComputedStyle(this.lines);
    const rows = Math.floor(clientHeight / parseFloat(style.lineHeight) + 0.1);
    return {
      widthPx: clientWidth,
      fontPx: parseFloat(style.fontSize),
      rows: Math.max(LEAST_ROWS, rows),
    };
  }
}

/** @param {RoomState["captions"]} captions */
function noteOf({ status, reason }) {
  if (status === "ok") return gettext("Captions, made automatically");
  if (status === "behind") return gettext("Captions are behind, some words are missing");
  if (reason === "starting") return gettext("Captions are starting");
  return reason === "language"
    ? gettext("No captions in this language")
    : gettext("Captions unavailable");
}
