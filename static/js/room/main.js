/**
 * Starts and keeps the room of this browser: one at a time, in its page or in the dock, through
 * every change of page.
 *
 * The shell swaps #main and sends `parley:page` (static/js/shell.js). Sound, dock and this module
 * stay.
 */

import "../shared.js";
import { announceChanges } from "./announcements.js";
import { Dock } from "./dock.js";
import { onKey } from "./keyboard.js";
import { keepAwake, letSleep, showOnLockScreen } from "./device.js";
import { Room } from "./room.js";
import { mySeat } from "./selectors.js";
import { inspectBy } from "./outside.js";
import { RemoteAudio } from "./remote_audio.js";
import { RoomView } from "./view.js";
import { navigate } from "../navigate.js";
import { gettext } from "../i18n.js";
import { dismiss, toast } from "../toasts.js";

// The server keeps a microphone on only for the very page it was on in (RULES §6).
const PAGE = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
// sessionStorage: the room this very tab listened to, for a reload.
const MARK = "parley:listening";

/** @type {Room|null} the one this browser is in */
let playing = null;
/** @type {Room|null} the one whose page is shown, entered or not */
let shown = null;
/** @type {RoomView|null} */
let view = null;
let isGoing = false; // The document is being taken away: a reload, or the way to another site.

const elements = /** @type {HTMLAudioElement[]} */ ([
  ...document.querySelectorAll("audio[data-slot]"),
]);
const sound = new RemoteAudio(
  elements,
  (isBlocked) => playing && playing.pageState.isBlocked !== isBlocked && playing.set({ isBlocked }),
);
const dockElement = document.getElementById("dock");
const dock = dockElement && new Dock(dockElement, { onLeave });

/** A host who leaves from the dock is asked on the room's own page. @param {Room} from */
async function onLeave(from) {
  if (hosts(from)) return navigate(`${from.address.url}#leave`);
  await from.leave();
}

/** A page has come: show the room it is for; the one that plays elsewhere goes into the dock. */
function onPage() {
  const page = document.querySelector("main[data-room=page]");
  const aside = document.querySelector("aside[data-room=panel]");
  if (view && view.root !== page) {
    view.close();
    view = null;
    shown = null;
  }
  if (page instanceof HTMLElement && aside instanceof HTMLElement && !view) showRoom(page, aside);
  showDock();
}

/** @param {HTMLElement} page @param {HTMLElement} aside */
function showRoom(page, aside) {
  const { space = "", url = "", socket = "", blocked = "" } = page.dataset;
  const ids = new Set(blocked.split(" ").filter(Boolean).map(Number));
  const here =
    playing?.address.id === space
      ? playing
      : newRoom({ id: space, url, socketUrl: socketUrl(socket), blocked: ids });
  shown = here;
  view = new RoomView(page, aside, here);
  enterIfKnown(here, page);
  if (location.hash === "#leave" && here.isIn) view.leave();
}

/** @param {import("./page_state.js").RoomAddress} address */
function newRoom(address) {
  const room = new Room(address, sound);
  room.guard = () =>
    playing && playing !== room && hosts(playing)
      ? gettext("You are hosting another Space. Hand it over or end it first.")
      : "";
  room.watch({
    onChange: () => onRoomChange(room),
    onEvent: announceChanges(room),
    onLevels: () => {},
    onToast: toast,
    onSolved: dismiss,
  });
  return room;
}

/** @param {Room} room */
function hosts(room) {
  return room.isIn && room.state?.me.role === "host" && room.state.space.state === "live";
}

/**
 * People on stage come back by themselves after a reload, and so does a tab that was listening.
 *
 * @param {Room} room
 * @param {HTMLElement} page
 */
function enterIfKnown(room, page) {
  const isOnStage = page.dataset.onStage === "true";
  const wasListening =
    page.dataset.state === "live" && sessionStorage.getItem(MARK) === room.address.id;
  onceLoaded(() => {
    if (room.isIn || shown !== room) return;
    if (isOnStage) room.enter();
    else if (wasListening) room.listen();
  });
}

/**
 * A media element that waits for a click holds up the page's `load` event for good, so none is made
 * before it.
 *
 * @param {() => void} what
 */
function onceLoaded(what) {
  if (document.readyState === "complete") what();
  else window.addEventListener("load", what, { once: true });
}

/** One room at a time: entering another leaves the first. @param {Room} room */
function onRoomChange(room) {
  if (room.isIn && playing !== room) {
    const before = playing;
    playing = room;
    before?.leave();
  }
  if (room !== playing) return;
  const isOnStage = Boolean(room.isIn && room.state && mySeat(room.state));
  if (isOnStage) keepAwake();
  else letSleep();
  showOnLockScreen(room);
  if (room.isIn && room.pageState.isListening) sessionStorage.setItem(MARK, room.address.id);
  if (room.isIn) return;
  if (!isGoing) sessionStorage.removeItem(MARK); // Who reloads has not left.
  playing = null;
  if (room.state?.loggedOut && room !== shown)
    toast(gettext("You are logged out, so this tab has left the Space."), "error");
  showDock();
}

function showDock() {
  dock?.show(playing && playing !== shown ? playing : null);
}

/** @param {string} path */
function socketUrl(path) {
  const url = new URL(`${path}?page=${PAGE}`, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

window.addEventListener("parley:page", onPage);
window.addEventListener("pagehide", () => {
  isGoing = true;
  playing?.vanish();
});
window.addEventListener("online", () => playing?.onNetwork());
navigator.mediaDevices?.addEventListener("devicechange", () =>
  playing?.publisher.tracks.onDeviceChange(),
);
// Safari alone tells when a call is over; TypeScript does not know it yet.
/** @type {Navigator & {audioSession?: EventTarget}} */ (navigator).audioSession?.addEventListener(
  "statechange",
  () => playing?.onVisibility(),
);
document.addEventListener("visibilitychange", () => playing?.onVisibility());
document.addEventListener("keydown", (event) => onKey(event, view));

inspectBy(() => {
  const room = shown ?? playing;
  return (
    room &&
    Object.freeze({
      state: room.state,
      pageState: room.pageState,
      peer: Object.freeze({
        pc: room.peer.pc,
        levels: () => room.peer.levels(),
        stats: () => room.peer.stats(),
      }),
    })
  );
});

onPage();
