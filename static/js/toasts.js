// @ts-check
/**
 * Short sentences at the edge of the page. Errors stay until closed or until what failed has
 * worked; the rest leave by themselves unless somebody reads them.
 */

import { announce } from "./announcer.js";
import { icon } from "./dom.js";
import { mayBeCommand, take } from "./keys.js";

const STAY_MS = 6000;
const MOST = 3; // More would be a wall in front of the page.

/** Where the focus was before it came to a notice. @type {Element|null} */
let cameFrom = null;

/**
 * @param {string} text
 * @param {"info" | "error"} kind
 * @param {string} [cause] what it is about: a newer sentence about the same takes the place of the
 *   older
 */
export function toast(text, kind = "info", cause = text) {
  const host = document.getElementById("toasts");
  if (!host || !text) return;
  announce(text);
  dismiss(cause);
  for (const box of [...host.children])
    if (box.querySelector(".toast__text")?.textContent === text) remove(box);
  const box = document.createElement("div");
  box.className = `toast toast--${kind}`;
  box.dataset.cause = cause;
  const paragraph = document.createElement("p");
  paragraph.className = "toast__text";
  paragraph.textContent = text;
  box.append(paragraph, closeButton());
  host.append(box);
  const [first, ...more] = [...host.children].slice(0, -1);
  if (more.length + 1 >= MOST)
    remove([first, ...more].find((one) => !one.matches(".toast--error")) ?? first);
  box.scrollIntoView({ block: "nearest" });
  if (kind !== "error") leaveSoon(box);
}

/** It works now, so nothing has to be said of it any more. @param {string} cause */
export function dismiss(cause) {
  for (const box of document.querySelectorAll("#toasts .toast"))
    if (/** @type {HTMLElement} */ (box).dataset.cause === cause) remove(box);
}

/** The focus of who reads it goes on to the next, or back to where it was. @param {Element} box */
function remove(box) {
  const hadFocus = box.contains(document.activeElement);
  const next = box.nextElementSibling ?? box.previousElementSibling;
  box.remove();
  if (!hadFocus) return;
  const back = cameFrom?.isConnected ? cameFrom : document.getElementById("main");
  const to = next?.querySelector("[data-close]") ?? back;
  /** @type {HTMLElement | null} */ (to)?.focus({ preventScroll: true });
}

function closeButton() {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn--icon btn--sm toast__close";
  button.dataset.close = "";
  button.setAttribute("aria-label", document.body.dataset.wordClose ?? "");
  button.append(icon("x", "sm"));
  return button;
}

/** @param {Element} box */
function leaveSoon(box) {
  setTimeout(() => {
    if (box.matches(":hover, :focus-within")) leaveSoon(box);
    else remove(box);
  }, STAY_MS);
}

/** Escape closes the one that has the focus, else the newest. @param {KeyboardEvent} event */
function onKey(event) {
  if (event.key !== "Escape" || !mayBeCommand(event)) return;
  if (document.querySelector("dialog[open], details[data-menu][open]")) return;
  const boxes = [...document.querySelectorAll("#toasts .toast")];
  const box = boxes.find((one) => one.contains(document.activeElement)) ?? boxes.at(-1);
  if (!box) return;
  take(event);
  remove(box);
}

document.addEventListener("click", (event) => {
  const close = /** @type {Element} */ (event.target).closest("#toasts [data-close]");
  const box = close?.closest(".toast");
  if (box) remove(box);
});
document.addEventListener("keydown", onKey);
document.addEventListener("focusin", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (!target.closest("#toasts")) cameFrom = target;
});
for (const box of document.querySelectorAll("#toasts .toast")) {
  announce(box.querySelector(".toast__text")?.textContent);
  if (!box.matches(".toast--error")) leaveSoon(box);
}
