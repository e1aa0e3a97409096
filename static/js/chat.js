// @ts-check
/** A conversation: opens at its newest message and stays there while one reads at the end; Enter sends, Shift+Enter breaks the line. */

const NEAR_PX = 80;
let wasAtEnd = true;

const log = () => document.querySelector("[data-log]");

/** @param {Element} box */
const isAtEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;

function toEnd() {
  const box = log();
  if (box) box.scrollTop = box.scrollHeight;
}

document.addEventListener("htmx:beforeSwap", () => {
  const box = log();
  wasAtEnd = !box || isAtEnd(box);
});
document.addEventListener("htmx:afterSettle", (event) => {
  const elt = /** @type {CustomEvent} */ (event).detail.elt;
  if (wasAtEnd && elt instanceof Element && elt.closest("[data-log]")) toEnd();
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = /** @type {CustomEvent} */ (event).detail;
  if (!successful || !(elt instanceof HTMLFormElement) || !elt.matches("[data-chat]")) return;
  elt.reset();
  toEnd();
});
document.addEventListener("keydown", (event) => {
  const field = /** @type {Element} */ (event.target);
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !field.matches("[data-chat] textarea")) return;
  event.preventDefault();
  /** @type {HTMLFormElement} */ (field.closest("form")).requestSubmit();
});
window.addEventListener("parley:page", toEnd);
toEnd();
