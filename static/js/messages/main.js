// @ts-check
/**
 * Conversations: open at the newest message and follow while the reader is at the end; Enter sends,
 * Shift+Enter breaks the line. News comes over the person socket (static/js/net/person_socket.js);
 * without it the page asks every few seconds.
 */

import "../shared.js";
import "./people_picker.js";
import { onMessage } from "../net/person_socket.js";
import { openConversation, redraw, refresh, scrollToStart } from "./log.js";
import { retryNow, showWaiting } from "./send.js";
import { clearTyping, resetTyping } from "./typing.js";

const ASK_MS = 8_000;
const GATHER_MS = 500;
let threadsTimer = 0;

/** @param {number} conversation */
const isShown = (conversation) => Number(openConversation()?.dataset.conversation) === conversation;

/** Fetch the list of conversations anew, once for what comes together. */
function refreshThreads() {
  clearTimeout(threadsTimer);
  threadsTimer = window.setTimeout(async () => {
    const list = /** @type {HTMLElement | null} */ (document.querySelector("[data-threads]"));
    if (!list?.dataset.threads || document.hidden) return;
    const answer = await fetch(list.dataset.threads, { headers: { "HX-Request": "true" } });
    const html = answer.ok ? await answer.text() : "";
    if (!html || !list.isConnected) return;
    htmx.swap(list, html, { swapStyle: "innerHTML" });
  }, GATHER_MS);
}

function refreshAll() {
  void refresh();
  refreshThreads();
}

onMessage("message", ({ conversation, id, gone }) => {
  refreshThreads();
  if (!isShown(conversation)) return;
  clearTyping();
  if (gone) void redraw(id);
  else void refresh();
});
onMessage("read", ({ conversation }) => {
  if (isShown(conversation)) void refresh();
});
onMessage("conversation", ({ conversation }) => {
  refreshThreads();
  if (isShown(conversation)) void refresh(); // Perhaps this person is in it no more.
});
onMessage("messages", refreshThreads);
document.addEventListener("live:again", () => {
  retryNow();
  refreshAll();
});
document.addEventListener("visibilitychange", () => !document.hidden && refreshAll());
window.addEventListener("online", retryNow);
setInterval(() => {
  if (document.documentElement.dataset.live === undefined && openConversation()) void refresh();
}, ASK_MS);

document.addEventListener("keydown", (event) => {
  const field = /** @type {Element} */ (event.target);
  if (
    event.key !== "Enter" ||
    event.shiftKey ||
    event.isComposing ||
    !field.matches("[data-chat] textarea")
  )
    return;
  event.preventDefault();
  resetTyping();
  /** @type {HTMLFormElement} */ (field.closest("form")).requestSubmit();
});

function onPage() {
  clearTyping();
  scrollToStart();
  showWaiting();
}

window.addEventListener("parley:page", onPage);
onPage();
