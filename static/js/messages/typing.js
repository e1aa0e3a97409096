// @ts-check
/** "Ayu is writing": told to the others while the viewer types, and shown for a moment. */

import { onMessage, send } from "../net/person_socket.js";
import { fill, firstName, gettext, ngettext } from "../i18n.js";
import { openConversation } from "./log.js";

const TELL_MS = 3_000;
const SHOW_MS = 6_000; // Longer than between two hints, so that it does not flicker.

let toldAt = -Infinity;
/** Who writes, until when. @type {Map<number, {name: string, until: number}>} */
const writing = new Map();
let timer = 0;

document.addEventListener("input", (event) => {
  const field = /** @type {Element} */ (event.target);
  const id = Number(openConversation()?.dataset.conversation);
  if (!id || !field.matches("[data-chat] textarea")) return;
  if (
    !(/** @type {HTMLTextAreaElement} */ (field).value.trim()) ||
    performance.now() - toldAt < TELL_MS
  )
    return;
  toldAt = performance.now();
  send({ type: "typing", conversation: id });
});

onMessage("typing", ({ conversation, user, name }) => {
  if (Number(openConversation()?.dataset.conversation) !== conversation) return;
  writing.set(user, { name, until: performance.now() + SHOW_MS });
  show();
});

/** Their message has come, or another page: they do not write any more. */
export function clearTyping() {
  writing.clear();
  show();
}

export function resetTyping() {
  toldAt = -Infinity;
}

function show() {
  clearTimeout(timer);
  const now = performance.now();
  for (const [user, one] of writing) if (one.until <= now) writing.delete(user);
  const line = document.querySelector("[data-typing]");
  if (line) line.textContent = sentence();
  if (writing.size)
    timer = window.setTimeout(
      show,
      Math.min(...[...writing.values()].map((one) => one.until - now)) + 10,
    );
}

function sentence() {
  const names = [...writing.values()].map((one) => firstName(one.name));
  if (!names.length) return "";
  if (names.length === 1) return fill(gettext("%(name)s is writing…"), { name: names[0] });
  return fill(ngettext("%(n)s person is writing…", "%(n)s people are writing…", names.length), {
    n: names.length,
  });
}
