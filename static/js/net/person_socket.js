// @ts-check
/**
 * What the site tells this tab by itself. Each message becomes the event `live:<type>` on `document`, with the payload as
 * `detail`; `live:again` comes after a lost line, when something may have been missed. The numbers at the tabs of the
 * navigation (`[data-count]`) and in the title are kept here. While the line stands, <html> has `data-live`.
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
      if (typeof detail.unread === "number") setCount(type, detail.unread);
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
      toast(gettext("You are logged out. Reload the page to log in again."), "error");
    },
  },
  () => document.hidden,
);

/** Tell the server something small ("typing"); false if there is no line right now. @param {string} type @param {Record<string, unknown>} fields */
export function send(type, fields) {
  return socket.send(type, fields);
}

/** @param {string} name @param {number} number */
function setCount(name, number) {
  counts.set(name, number);
  countedAt = Date.now();
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
    if (/** @type {CustomEvent} */ (event).detail.boosted) askedAt = Date.now();
  });
  window.addEventListener("parley:page", onPage);
  document.addEventListener("visibilitychange", () => !document.hidden && socket.wake());
  window.addEventListener("online", () => socket.wake());
  window.addEventListener("pageshow", (event) => event.persisted && socket.wake());
  socket.open();
}
