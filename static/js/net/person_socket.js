// @ts-check
/**
 * The person socket: what the site tells this tab by itself. Each message becomes the event
 * `live:<type>` on `document`, with its fields as `detail`; `live:again` comes after a lost
 * connection, when something may have been missed. The numbers at the tabs of the navigation
 * (`[data-count]`) and in the title are kept here. While it is connected, <html> has `data-live`.
 *
 * @import {ClientMessage, ServerMessage} from "./person_messages.js"
 */

import { ReconnectingSocket } from "./reconnecting_socket.js";
import { gettext } from "../i18n.js";
import { toast } from "../toasts.js";

/** Numbers the server counts, by name. @type {Map<string, number>} */
const counts = new Map();
let countedAt = 0;
let askedAt = 0;

const scheme = location.protocol === "https:" ? "wss:" : "ws:";
const socket = new ReconnectingSocket(
  `${scheme}//${location.host}/ws/me/`,
  {
    onMessage(message) {
      const { type, ...detail } = message;
      if ("unread" in detail) setCount(type, detail.unread);
      document.dispatchEvent(new CustomEvent(`live:${type}`, { detail }));
    },
    onOpen(again) {
      document.documentElement.dataset.live = "";
      if (again) document.dispatchEvent(new CustomEvent("live:again"));
    },
    onLost() {
      delete document.documentElement.dataset.live;
    },
    onLogOut() {
      delete document.documentElement.dataset.live;
      toast(gettext("You are logged out. Reload the page to log in again."), "error", "log-in");
    },
  },
  () => document.hidden,
);

/** Tell the server something small. @param {ClientMessage} message @returns false if it was not sent */
export function send(message) {
  return socket.send(message);
}

/**
 * Call `listener` with each message of this type.
 *
 * @template {ServerMessage["type"]} T
 * @param {T} type
 * @param {(message: Omit<Extract<ServerMessage, {type: T}>, "type">) => void} listener
 */
export function onMessage(type, listener) {
  document.addEventListener(`live:${type}`, (event) =>
    listener(/** @type {CustomEvent} */ (event).detail),
  );
}

/** @param {string} name @param {number} number */
function setCount(name, number) {
  counts.set(name, number);
  countedAt = performance.now();
  for (const badge of badges(name)) show(badge, number);
  showTitle();
  const pill = /** @type {HTMLElement | null} */ (document.querySelector("[data-new-alerts]"));
  if (pill && name === "alerts") pill.hidden = number === 0;
}

/** @param {string} name @returns {NodeListOf<HTMLElement>} */
const badges = (name) => document.querySelectorAll(`[data-count="${CSS.escape(name)}"]`);

/** @param {HTMLElement} badge @param {number} number */
function show(badge, number) {
  const figure = badge.querySelector("[data-figure]");
  if (figure) figure.textContent = number > 99 ? "99+" : String(number);
  badge.hidden = number === 0;
}

function showTitle() {
  const sum = [...counts.values()].reduce((all, one) => all + one, 0);
  const bare = document.title.replace(/^\(\d+\+?\) /, "");
  const title = sum ? `(${sum > 99 ? "99+" : sum}) ${bare}` : bare;
  if (document.title !== title) document.title = title;
}

/** A page that has just come knows best, unless something was counted while it was on its way. */
function onPage() {
  for (const name of counts.keys()) {
    const badge = badges(name)[0];
    if (badge && countedAt < askedAt)
      counts.set(
        name,
        badge.hidden ? 0 : Number(badge.querySelector("[data-figure]")?.textContent) || 99,
      );
    for (const one of badges(name)) show(one, counts.get(name) ?? 0);
  }
  showTitle();
}

if (document.body.dataset.viewer) {
  document.addEventListener("htmx:beforeSend", (event) => {
    if (/** @type {CustomEvent} */ (event).detail.boosted) askedAt = performance.now();
  });
  window.addEventListener("parley:page", onPage);
  document.addEventListener("visibilitychange", () => !document.hidden && socket.wake());
  window.addEventListener("online", () => socket.wake());
  window.addEventListener("pageshow", (event) => event.persisted && socket.wake());
  socket.open();
}
