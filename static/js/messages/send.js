// @ts-check
/**
 * Sending: a message stands in the log at once, pale until it has arrived, with a way to try again
 * when it has not.
 */

import { csrfToken } from "../csrf.js";
import { fill, gettext } from "../i18n.js";
import { Outgoing, Refusal } from "./outgoing.js";
import { appendNew, openConversation, keepAtEnd, position, queued, scrollToEnd } from "./log.js";

/** @typedef {import("./outgoing.js").Item} Item */

const outgoing = new Outgoing((item) => queued(() => post(item)), show);

/**
 * XMLHttpRequest and not fetch: pictures take a while, and only this one tells how far they are.
 *
 * @param {Item} item
 * @returns {Promise<void>}
 */
function post(item) {
  const { after } = position();
  item.body.set("after", after);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", item.url);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.upload.onprogress = (event) =>
      event.lengthComputable && progress(item, event.loaded / event.total);
    request.onerror = () => reject(new Error("There is no connection."));
    request.onload = () => {
      if (request.status >= 500) reject(new Error("The server is in trouble."));
      else if (request.status !== 200) reject(new Refusal(refusalIn(request)));
      else resolve(arrive(item, request.responseText));
    };
    request.send(item.body);
  });
}

/** @param {XMLHttpRequest} request */
function refusalIn(request) {
  try {
    return String(JSON.parse(request.responseText).message);
  } catch {
    return gettext("That is not possible here.");
  }
}

/** @param {Item} item @param {string} html */
function arrive(item, html) {
  find(item)?.remove();
  if (openConversation()?.dataset.url === item.url) appendNew(html, true);
}

/** @param {Item} item @returns {HTMLElement | null} */
const find = (item) => document.querySelector(`[data-token="${CSS.escape(item.token)}"]`);

/** @param {Item} item */
function show(item) {
  if (item.state === "sent" || openConversation()?.dataset.url !== item.url) return;
  const bubble = find(item) ?? draw(item);
  const [state, again] = described(item);
  part(bubble, "[data-state]").textContent = state;
  part(bubble, "[data-again]").hidden = !again;
  part(bubble, "[data-drop]").hidden = !again;
  bubble.classList.toggle("letter--refused", item.state === "refused");
  if (item.state !== "sending") part(bubble, "progress").hidden = true;
}

/**
 * @param {Item} item
 * @returns {[string, boolean]} what it says, and whether one can do something
 */
function described(item) {
  if (item.state === "refused")
    return [fill(gettext("Not sent. %(why)s"), { why: item.why }), true];
  if (item.state === "late") return [gettext("Not sent yet. Trying again…"), true];
  return [gettext("Sending…"), false];
}

/** @param {HTMLElement} bubble @param {string} selector @returns {HTMLElement} */
const part = (bubble, selector) => /** @type {HTMLElement} */ (bubble.querySelector(selector));

/** @param {Item} item */
function draw(item) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("pending"));
  const bubble = /** @type {HTMLElement} */ (
    /** @type {Element} */ (template.content.firstElementChild).cloneNode(true)
  );
  bubble.dataset.token = item.token;
  part(bubble, "[data-text]").textContent = item.text;
  document.querySelector("[data-log]")?.append(bubble);
  scrollToEnd();
  return bubble;
}

/** @param {Item} item @param {number} share */
function progress(item, share) {
  const bubble = find(item);
  const bar = bubble && /** @type {HTMLProgressElement} */ (bubble.querySelector("progress"));
  if (!bar || item.body.getAll("images").length === 0) return;
  bar.hidden = share >= 1;
  bar.value = share;
}

/** What stands for it meanwhile. @param {FormData} body */
function textOf(body) {
  const text = String(body.get("text") ?? "").trim();
  if (text) return text;
  return body.get("voice") ? gettext("Voice message") : gettext("Pictures");
}

/** @param {FormData} body */
function isNothing(body) {
  const pictures = body.getAll("images").some((file) => file instanceof File && file.size > 0);
  return !String(body.get("text") ?? "").trim() && !body.get("voice") && !pictures;
}

document.addEventListener(
  "submit",
  (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!form.matches("[data-chat]") || event.defaultPrevented) return;
    // A recording is being made; sending now would lose it.
    if (form.hasAttribute("data-busy")) return event.preventDefault();
    const body = new FormData(form);
    const url = openConversation()?.dataset.url;
    // A first message: its answer is the page of the conversation.
    if (!url && !isNothing(body)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!url || isNothing(body)) return;
    const token = crypto.randomUUID
      ? crypto.randomUUID()
      : `${Date.now()}-${Math.random().toString(36).slice(2)}`;
    body.set("token", token);
    outgoing.add({ token, url, body, text: textOf(body) });
    form.reset();
    scrollToEnd();
    /** @type {HTMLElement | null} */ (form.querySelector("textarea"))?.focus();
  },
  true,
);

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const bubble = /** @type {HTMLElement | null} */ (target.closest("[data-token]"));
  if (!bubble) return;
  if (target.closest("[data-again]")) outgoing.retry(bubble.dataset.token);
  if (target.closest("[data-drop]")) {
    outgoing.drop(bubble.dataset.token ?? "");
    bubble.remove();
  }
});

/** The page of a conversation has come: what it waits for stands there again. */
export function showWaiting() {
  const url = openConversation()?.dataset.url;
  if (url) keepAtEnd(() => outgoing.waitingFor(url).forEach(show));
}

/** The connection is back. */
export function retryNow() {
  outgoing.retry();
}

window.addEventListener("beforeunload", (event) => {
  if (!outgoing.isEmpty) event.preventDefault();
});
