/**
 * The panel beside (desktop) or under (phone) the picture: its tabs, and whether it is open.
 *
 * @import {Room} from "../room.js"
 * @import {RoomState} from "../state.js"
 * @import {Person} from "../messages.js"
 */

import { participantCount, may, isHostOrCohost } from "../selectors.js";
import { gettext } from "../../i18n.js";
import { hasModifier } from "../../keys.js";
import { h, keyed, part, set, write } from "../../dom.js";
import { People } from "./people.js";
import { PinnedPosts } from "./pinned_posts.js";
import { Queue } from "./queue.js";
import { switchRow } from "./sheet.js";
import { Transcript } from "./transcript.js";

/** @typedef {"requests"|"people"|"pinned"|"transcript"} Tab */
/** @typedef {{name: Tab, text: string, badge: number, isNow?: boolean}} TabSpec */

const DESKTOP = "(width >= 1100px)";

export class Panel {
  /** @type {Tab|null} null: the first there is */ tab = null;
  #isOpen = false;
  #isNew = true;

  /**
   * @param {HTMLElement} element @param {Room} room
   * @param {{onPerson: (user: number, person?: Person) => void, rerender: () => void, remove: (who:
   *   Person) => void}} actions
   */
  constructor(element, room, actions) {
    this.element = element;
    this.room = room;
    this.actions = actions;
    this.head = part(element, "panel-tabs");
    this.foot = part(element, "panel-foot");
    this.desktop = matchMedia(DESKTOP);
    const body = part(element, "panel-body");
    this.people = new People(room, {
      ...actions,
      isShown: () => this.isOpen && this.tab !== "requests",
    });
    this.contents = {
      requests: new Queue(room),
      people: this.people,
      pinned: new PinnedPosts(room),
      transcript: new Transcript(body, (user) => room.address.blocked.has(user)),
    };
    this.sections = Object.entries(this.contents).map(([name, content]) =>
      h(
        "div",
        {
          id: `room-panel-${name}`,
          role: "tabpanel",
          "aria-labelledby": `room-tab-${name}`,
          "data-tab": name,
          hidden: true,
        },
        ...content.parts,
      ),
    );
    body.replaceChildren(...this.sections);
    this.requestsSwitch = switchRow({
      title: gettext("People may ask to speak"),
      hint: gettext("Off: only people you invite"),
      isOn: true,
      hook: "requests-open",
      onSet: (isOn) => room.ask("room.update", { requests_open: isOn }),
    });
    this.foot.replaceChildren(this.requestsSwitch);
    part(element, "panel-close").addEventListener("click", () => this.toggle(false));
    this.head.addEventListener("keydown", (event) => this.#onArrowKey(event));
    // Turned on its side or made narrow: a column becomes a sheet, which nobody has opened.
    this.desktop.addEventListener(
      "change",
      () => this.element.isConnected && !this.#isNew && this.toggle(this.desktop.matches),
    );
    element.classList.remove("panel--side");
    this.toggle(false);
  }

  get isOpen() {
    return this.#isOpen;
  }

  /** The queue is seen, so no banner has to say that there is a request. */
  get isQueueOpen() {
    return this.isOpen && this.tab === "requests";
  }

  /** @param {boolean} isOpen @param {Tab} [tab] */
  toggle(isOpen, tab) {
    this.#isOpen = isOpen;
    this.element.hidden = !isOpen;
    document.getElementById("app")?.classList.toggle("app--room-solo", !isOpen);
    if (tab) this.tab = tab;
    if (isOpen) this.people.refreshSoon(0);
    this.actions.rerender();
  }

  /**
   * On a phone the panel covers the faces, so it takes the focus as a sheet would.
   *
   * @param {Tab} [tab]
   */
  open(tab) {
    this.toggle(true, tab);
    if (!this.desktop.matches) part(this.element, "panel-close").focus();
  }

  /** @param {RoomState} state */
  render(state) {
    if (this.#isNew) this.#openAtFirst();
    const tabs = this.#tabs(state);
    if (!tabs.some((tab) => tab.name === this.tab)) this.tab = tabs[0].name;
    keyed(
      this.head,
      tabs,
      (tab) => tab.name,
      (tab) => this.#makeTab(tab),
      (element, tab) => this.#updateTab(element, tab),
    );
    set(
      this.element,
      "aria-label",
      isHostOrCohost(state) ? gettext("People and requests") : gettext("People"),
    );
    for (const section of this.sections) section.hidden = section.dataset.tab !== this.tab;
    const isHost = may(state, "edit");
    this.foot.hidden = !(isHost && this.tab === "requests");
    const input = this.requestsSwitch.querySelector("input");
    if (input && !this.room.pageState.busy.has("room.update:"))
      input.checked = state.space.requests_open;
    if (this.isOpen && this.tab) this.contents[this.tab].render(state);
  }

  /** A desktop has room for it from the first moment that there is something to show. */
  #openAtFirst() {
    this.#isNew = false;
    if (this.desktop.matches) this.toggle(true);
  }

  /** @param {(user: number) => boolean} isHeard */
  setHeard(isHeard) {
    if (this.isOpen) this.people.setHeard(isHeard);
  }

  /** @param {RoomState} state @returns {TabSpec[]} */
  #tabs(state) {
    /** @type {TabSpec[]} */
    const tabs = [];
    if (isHostOrCohost(state))
      tabs.push({
        name: "requests",
        text: gettext("Requests"),
        badge: state.requests.length,
        isNow: true,
      });
    tabs.push({ name: "people", text: gettext("People"), badge: participantCount(state) });
    if (state.pins.length || may(state, "pin"))
      tabs.push({ name: "pinned", text: gettext("Pinned"), badge: state.pins.length });
    if (state.captions.available || state.lines.length)
      tabs.push({ name: "transcript", text: gettext("Transcript"), badge: 0 });
    return tabs;
  }

  /** @param {TabSpec} tab */
  #makeTab({ name, text }) {
    return h(
      "button",
      {
        class: "tabs__tab",
        type: "button",
        role: "tab",
        id: `room-tab-${name}`,
        "aria-controls": `room-panel-${name}`,
        "data-room": `tab-${name}`,
        onclick: () => this.toggle(true, name),
      },
      h("span", {}, text),
      h("span", { class: "badge" }),
    );
  }

  /** @param {Element} element @param {TabSpec} tab */
  #updateTab(element, tab) {
    const isOn = tab.name === this.tab;
    set(element, "aria-selected", String(isOn));
    set(element, "tabindex", isOn ? 0 : -1);
    const badge = /** @type {HTMLElement} */ (element.lastElementChild);
    badge.className = tab.isNow ? "badge badge--count badge--now" : "badge";
    badge.hidden = !tab.badge;
    write(badge, String(tab.badge));
  }

  /** @param {KeyboardEvent} event */
  #onArrowKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || hasModifier(event)) return;
    const tabs = /** @type {HTMLElement[]} */ ([...this.head.children]);
    const next =
      tabs[
        (tabs.findIndex((tab) => tab === document.activeElement) + step + tabs.length) % tabs.length
      ];
    next?.click();
    next?.focus();
  }
}
