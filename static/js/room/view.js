/**
 * The page of a room: one object while the page is shown, drawn from the room's state, gone when
 * the page is left.
 *
 * @import {Room} from "./room.js"
 * @import {ServerMessage} from "./messages.js"
 */

import { serverClock } from "../net/server_clock.js";
import { duration } from "../time_format.js";
import { canShareScreen } from "./media_devices.js";
import { participantCount, mayRequest, mySeat } from "./selectors.js";
import { CLOSED } from "./socket.js";
import { fill, gettext, ngettext } from "../i18n.js";
import { Banners } from "./view/banners.js";
import { Captions } from "./view/captions.js";
import { Consent } from "./view/consent.js";
import { Controls } from "./view/controls.js";
import { h, part, set, write } from "../dom.js";
import { navigate } from "../navigate.js";
import { PersonMenu } from "./view/person_menu.js";
import { GreenRoom } from "./view/green_room.js";
import { Panel } from "./view/panel.js";
import { CurrentPin } from "./view/current_pin.js";
import { Sheets } from "./view/sheets.js";
import { Stage } from "./view/stage.js";
import { Tiles } from "./view/tiles.js";

const HEARD_MS = 450; // A breath between words is no silence.

export class RoomView {
  #isRenderScheduled = false;
  /** @type {Map<number, number>} */ #heardAt = new Map();
  #hasEnded = false;
  #isGoing = false;

  /**
   * @param {HTMLElement} root #main of the room page
   * @param {HTMLElement} aside the panel
   * @param {Room} room
   */
  constructor(root, aside, room) {
    this.root = root;
    this.room = room;
    const rerender = () => this.#scheduleRender();
    const { spaces, compose, message, report, reportPerson, login } = root.dataset;
    this.loginUrl = login ?? "";
    this.spacesUrl = spaces ?? "/";
    this.sheets = new Sheets(
      room,
      {
        spacesUrl: this.spacesUrl,
        composeUrl: compose ?? "",
        messageUrl: message ?? "",
        reportUrl: report ?? "",
      },
      {
        onLeft: () => navigate(this.#hasEnded ? room.address.url : this.spacesUrl),
      },
    );
    this.personMenu = new PersonMenu(room, this.sheets.sheet, reportPerson ?? "", {
      invite: (person, role) => this.panel.people.invite(person, role),
    });
    this.panel = new Panel(aside, room, {
      onPerson: (user, person) => this.openPersonMenu(user, person),
      rerender,
      remove: (who) => this.personMenu.confirmRemove(who),
    });
    this.stage = new Stage(root, room);
    this.tiles = new Tiles(root, room, {
      onPerson: (user) => this.openPersonMenu(user),
      onInvite: () => this.panel.open("people"),
      onPeople: () => this.panel.open("people"),
    });
    this.banners = new Banners(root, room, {
      onRequests: () => this.panel.open("requests"),
      onLeave: () => this.leave(),
      onLogIn: () => location.assign(this.loginUrl),
      isQueueOpen: () => this.panel.isQueueOpen,
      rerender,
    });
    this.captions = new Captions(root, {
      onReadBack: () => this.panel.open("transcript"),
      onSettings: () => this.openCaptionSettings(),
      isHidden: (user) => room.address.blocked.has(user),
    });
    this.consent = new Consent(room, this.sheets.sheet);
    this.sheets.consent = this.banners.consent = this.consent;
    this.pins = new CurrentPin(root, rerender);
    this.greenRoom = new GreenRoom(root, room);
    this.controls = new Controls(root, room, {
      ...this.#actions(),
      isPanelOpen: () => this.panel.isOpen,
      areCaptionsOn: () => this.captions.isOn,
    });
    /** @type {[emoji: string, name: string][]} */
    this.reactionChoices = JSON.parse(root.dataset.reactions ?? "[]");
    this.reactions = this.#makeReactions();
    this.meta = part(root, "meta");
    this.people = part(root, "people-count");
    this.stop = room.watch({
      onChange: rerender,
      onEvent: (message) => this.#onEvent(message),
      onLevels: (heard, own) => this.#onLevels(heard, own),
      onToast: () => {},
      onSolved: () => {},
    });
    this.clock = setInterval(() => this.#tick(), 1000);
    this.listeners = new AbortController();
    this.#wire();
    room.videoSubscription.setWatched(true);
    this.render();
  }

  /** The page was swapped away; the room may live on in the dock. */
  close() {
    this.stop();
    clearInterval(this.clock);
    this.listeners.abort();
    this.sheets.close();
    this.room.videoSubscription.setWatched(false);
    this.room.readCaptions(false);
  }

  #wire() {
    const { signal } = this.listeners;
    const click = (/** @type {string} */ name, /** @type {() => void} */ action) => {
      for (const element of this.root.querySelectorAll(`[data-room="${name}"]`))
        element.addEventListener("click", action, { signal });
    };
    click("listen", () => this.room.listen());
    click("people-count", () => this.togglePeople());
    click("head-more", () => this.openMore());
    matchMedia("(width < 700px)").addEventListener("change", () => this.#scheduleRender(), {
      signal,
    });
  }

  #actions() {
    return {
      leave: () => this.leave(),
      react: () => this.toggleReactions(),
      ask: () => this.ask(),
      people: () => this.togglePeople(),
      share: () => this.share(),
      more: () => this.openMore(),
      captions: () => this.toggleCaptions(),
      listen: () => this.room.listen(),
      logIn: () => location.assign(this.loginUrl),
    };
  }

  // The verbs below are for buttons and for keys.js alike.

  leave() {
    if (this.room.isIn) this.sheets.leave(this.room.state);
    else navigate(this.spacesUrl);
  }

  ask() {
    const { state } = this.room;
    if (!state || mySeat(state)) return;
    if (state.me.request) this.room.ask("speak.cancel");
    else if (mayRequest(state)) this.sheets.ask(state);
  }

  share() {
    if (this.room.state) this.sheets.share(this.room.state);
  }

  togglePeople() {
    if (this.panel.isOpen) this.panel.toggle(false);
    else this.panel.open(this.room.state?.requests.length ? "requests" : undefined);
  }

  toggleCaptions() {
    this.captions.set({ isOn: !this.captions.isOn });
    this.#scheduleRender();
  }

  openCaptionSettings() {
    this.sheets.sheet.show(
      "captions-sheet",
      gettext("Captions"),
      ...this.captions.fields(() => this.#scheduleRender()),
      h("p", { class: "muted" }, gettext("Captions are made automatically and can be wrong.")),
    );
  }

  toggleMicrophone() {
    const seat = this.room.state && mySeat(this.room.state);
    if (seat) this.room.publisher.toggleMicrophone();
  }

  toggleCamera() {
    const seat = this.room.state && mySeat(this.room.state);
    if (seat && this.room.state?.space.video && this.room.state.space.state === "live")
      this.room.publisher.toggleCamera();
  }

  openKeys() {
    this.sheets.keys();
  }

  openMore() {
    const { state } = this.room;
    if (!state) return;
    const seat = mySeat(state);
    this.sheets.more(state, {
      share: () => this.share(),
      people: () => this.togglePeople(),
      captions: () => this.toggleCaptions(),
      captionSettings: () => this.openCaptionSettings(),
      keys: () => this.openKeys(),
      screen:
        seat && state.space.video && canShareScreen()
          ? () => void this.room.publisher.setScreen(!seat.screen)
          : null,
      isPhone: this.controls.phone.matches,
      areCaptionsOn: this.captions.isOn,
    });
  }

  /** @param {number} user @param {import("./messages.d.ts").Person} [person] */
  openPersonMenu(user, person) {
    if (this.room.state) this.personMenu.open(this.room.state, user, person);
  }

  /** @param {boolean} [isOpen] */
  toggleReactions(isOpen = Boolean(this.reactions.hidden)) {
    this.reactions.hidden = !isOpen;
    if (isOpen) this.reactions.querySelector("button")?.focus();
  }

  get areReactionsOpen() {
    return !this.reactions.hidden;
  }

  /** @param {number} index place among the choices */
  react(index) {
    const choice = this.reactionChoices[index];
    this.toggleReactions(false);
    if (choice) this.room.ask("reaction.send", { emoji: choice[0] });
  }

  /**
   * Close the topmost thing that Escape closes here; sheets close themselves.
   *
   * @returns {boolean} whether there was one
   */
  closeTop() {
    if (this.areReactionsOpen) {
      this.toggleReactions(false);
      /** @type {HTMLElement|null} */ (this.root.querySelector('.ctl[data-room="react"]'))?.focus();
      return true;
    }
    if (!this.panel.isOpen || this.panel.desktop.matches) return false;
    this.panel.toggle(false);
    const back = /** @type {HTMLElement} */ (
      this.root.querySelector('.ctl[data-room="people"]') ?? this.people
    );
    back.focus();
    return true;
  }

  #makeReactions() {
    const box = h(
      "div",
      { class: "reactions react", role: "group", "aria-label": gettext("React"), hidden: true },
      ...this.reactionChoices.map(([emoji, name], index) =>
        h(
          "button",
          {
            type: "button",
            "data-emoji": emoji,
            title: name,
            onclick: () => this.react(index),
          },
          emoji,
        ),
      ),
    );
    this.controls.bar.prepend(box);
    return box;
  }

  /** Drawn once for all that happened in one turn. */
  #scheduleRender() {
    if (this.#isRenderScheduled) return;
    this.#isRenderScheduled = true;
    queueMicrotask(() => {
      this.#isRenderScheduled = false;
      if (this.root.isConnected) this.render();
    });
  }

  render() {
    const { state, pageState } = this.room;
    this.banners.render(state);
    set(this.root, "data-link", pageState.link);
    set(this.root, "data-media", pageState.media);
    set(this.root, "data-role", state?.me.role ?? null);
    this.root.classList.toggle(
      "room--preview",
      !pageState.isListening && !(state && mySeat(state)),
    );
    if (this.#isRefused()) return;
    if (!state) return this.controls.renderClosed();
    this.#renderHead();
    this.stage.render(state);
    this.tiles.render(state);
    this.room.readCaptions(this.captions.isOn);
    this.captions.render(state);
    this.consent.render(state);
    this.pins.render(state);
    this.greenRoom.render(state);
    if (state.loggedOut && !this.room.isIn) this.controls.renderLoggedOut();
    else if (this.room.isIn || state.ending) this.controls.render(state);
    else this.controls.renderClosed();
    this.panel.render(state);
    if (state.ending) this.#onEnd();
  }

  /** The server shut the door: the Space's own page says what there is to say. */
  #isRefused() {
    const { state, pageState } = this.room;
    const isOut =
      state?.removed ||
      pageState.closedWith === CLOSED.notAvailable ||
      (pageState.closedWith === CLOSED.loggedOut && !state?.loggedOut) ||
      (pageState.closedWith === CLOSED.spaceEnded && !state?.ending);
    if (!isOut || this.#isGoing) return this.#isGoing;
    this.#isGoing = true;
    if (pageState.closedWith === CLOSED.loggedOut) location.assign(this.loginUrl);
    else navigate(this.room.address.url);
    return true;
  }

  #renderHead() {
    const { state } = this.room;
    if (!state) return;
    const { space } = state;
    for (const title of this.root.querySelectorAll(".room__title")) write(title, space.title);
    const badge = {
      live: gettext("Live"),
      green: gettext("Green room"),
      scheduled: gettext("Green room"),
      ended: gettext("Ended"),
      cancelled: gettext("Cancelled"),
    }[space.state];
    const age =
      space.started_at && space.state === "live"
        ? duration(serverClock.now() - Date.parse(space.started_at))
        : "";
    const isModerator = state.me.role === "moderator";
    const key = `${badge}|${space.recording}|${space.locked}|${isModerator}|${age}`;
    if (this.meta.dataset.key !== key) {
      this.meta.dataset.key = key;
      this.meta.replaceChildren(
        h("span", { class: space.state === "live" ? "badge badge--live" : "badge" }, badge),
        space.recording
          ? h(
              "span",
              { class: "badge badge--rec", title: gettext("This Space is being recorded") },
              gettext("REC"),
            )
          : "",
        space.locked ? h("span", { class: "badge" }, gettext("Locked")) : "",
        isModerator
          ? h("span", { class: "badge", "data-room": "moderator" }, gettext("Moderator"))
          : "",
        age ? h("span", {}, age) : "",
      );
    }
    const count = participantCount(state);
    write(/** @type {Element} */ (this.people.lastElementChild), String(count));
    set(
      this.people,
      "aria-label",
      fill(ngettext("%(count)s person, open the list", "%(count)s people, open the list", count), {
        count,
      }),
    );
    set(this.root, "data-state", space.state);
  }

  #onEnd() {
    const { state } = this.room;
    if (this.#hasEnded || !state?.ending) return;
    this.#hasEnded = true;
    this.sheets.ended(state, state.ending);
  }

  #tick() {
    this.banners.tick();
    this.#renderHead();
    if (this.room.state) this.captions.render(this.room.state);
    if (this.room.isIn && this.room.state?.me.may_request_at) this.controls.render(this.room.state);
  }

  /** @param {ServerMessage} message */
  #onEvent(message) {
    if (message.type === "reactions") this.tiles.react(message.items);
    if (message.type === "person.changed") this.panel.people.onPersonChanged(message.person);
  }

  /** @param {Set<number>} heard @param {number} own */
  #onLevels(heard, own) {
    const now = performance.now();
    if (!this.room.isIn) this.#heardAt.clear(); // The end is no breath between words.
    for (const user of heard) this.#heardAt.set(user, now);
    const isHeard = (/** @type {number} */ user) =>
      now - (this.#heardAt.get(user) ?? -HEARD_MS) < HEARD_MS;
    this.stage.setHeard(isHeard);
    this.tiles.setHeard(isHeard);
    this.panel.setHeard(isHeard);
    this.greenRoom.setLevel(own);
  }
}
