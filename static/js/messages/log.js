// @ts-check
/**
 * The log of the open conversation: what is new is fetched one answer at a time, so that no message
 * stands there twice.
 */

import { navigate } from "../navigate.js";

const NEAR_PX = 80;

/** @returns {HTMLElement | null} */
export const openConversation = () => document.querySelector("[data-conversation]");
const log = () => document.querySelector("[data-log]");
const watch = () => document.getElementById("watch");

/** Answers change the end of the log, so they come one after the other. @type {Promise<void>} */
let turn = Promise.resolve();

/** @param {() => Promise<void>} work */
export function queued(work) {
  const mine = turn.then(work);
  // One that fails is its caller's business; the next has its turn all the same.
  turn = mine.catch(() => undefined);
  return mine;
}

export function scrollToEnd() {
  const box = log();
  if (box) box.scrollTop = box.scrollHeight;
}

/** Where the page begins: at the message that the search led to, else at the newest. */
export function scrollToStart() {
  const place = /** @type {HTMLElement | null} */ (log())?.dataset.at;
  const sought = place ? document.getElementById(place) : null;
  if (sought) sought.scrollIntoView({ block: "center" });
  else scrollToEnd();
}

function isAtEnd() {
  const box = log();
  return !box || box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
}

/** Where the page's log ends: what is asked for begins there. */
export function position() {
  return { after: watch()?.dataset.newest ?? "0", read: watch()?.dataset.read ?? "0" };
}

/**
 * Put what came in the place of the end of the log.
 *
 * @param {string} html
 * @param {boolean} follow go to the end whatever is being read
 */
export function appendNew(html, follow) {
  const place = watch();
  if (!place) return;
  const stays = follow || isAtEnd();
  htmx.swap(place, html, { swapStyle: "outerHTML" });
  if (stays) scrollToEnd();
}

/** Ask for what is new, and let the server know by that what is read; not while nobody looks. */
export function refresh() {
  return queued(async () => {
    const url = openConversation()?.dataset.url;
    if (!url || !watch() || document.hidden) return;
    const answer = await fetch(`${url}?${new URLSearchParams(position())}`, {
      headers: { "HX-Request": "true" },
    });
    if (answer.status === 404) return navigate("/messages/"); // Not a member any more.
    if (answer.status !== 200 || openConversation()?.dataset.url !== url) return;
    appendNew(await answer.text(), false);
  });
}

/** Draw one message anew: it was taken back. @param {number} id */
export async function redraw(id) {
  const shown = document.getElementById(`m-${id}`);
  const url = openConversation()?.dataset.url;
  if (!shown || !url) return;
  const answer = await fetch(`${url}message/${id}/`, { headers: { "HX-Request": "true" } });
  if (answer.ok && shown.isConnected)
    htmx.swap(shown, await answer.text(), { swapStyle: "outerHTML" });
}

/**
 * Keep at the end while something grows there, unless the reader is further up.
 *
 * @param {() => void} change
 */
export function keepAtEnd(change) {
  const stays = isAtEnd();
  change();
  if (stays) scrollToEnd();
}

// Older messages come in above: what one was reading stays where it is.
let below = 0;
document.addEventListener("htmx:beforeSwap", (event) => {
  const box = log();
  const { target } = /** @type {CustomEvent} */ (event).detail;
  below =
    box && target instanceof Element && box.contains(target) ? box.scrollHeight - box.scrollTop : 0;
});
document.addEventListener("htmx:afterSwap", () => {
  const box = log();
  if (box && below) box.scrollTop = box.scrollHeight - below;
  below = 0;
});
