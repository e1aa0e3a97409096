// @ts-check
/**
 * The shell: boosted navigation that swaps #main only, toasts, menus, the theme switch and a few
 * helpers named by data attributes.
 *
 * A boosted answer is a full page. Its #main goes to htmx; the rest is compared here: title,
 * classes of <body> and #app, #nav, and what follows #main inside #app (the aside, or the panel of
 * a room). Everything outside #app stays as it is, so a room keeps playing. Modules that live
 * inside #main listen to `parley:page`, sent on window after each change of page.
 */

import "./confirm.js";
import "./marks.js";
import "./max_chars.js";
import "./unfold.js";
import { csrfToken } from "./csrf.js";
import { keyOf, mayBeCommand, take } from "./keys.js";
import { dismiss, toast } from "./toasts.js";
import { closeMenus, watchMenus } from "./menus.js";
import { navigate } from "./navigate.js";

const LINE = "line"; // The cause of what is said of the connection.
const SLOW_MS = 150; // A bar for faster answers would only flicker.

/** @type {Document | null} */
let arriving = null;
/** @type {XMLHttpRequest | null} */
let boosted = null;
let slow = 0;

/**
 * @param {string} html
 * @returns {Document | null} null if the answer is not a page of ours, or belongs to another log-in
 */
function readPage(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  if (!page.getElementById("main")) return null;
  return page.body.dataset.viewer === document.body.dataset.viewer ? page : null;
}

/** @param {Document} page */
function mainOf(page) {
  const title = page.createElement("title");
  title.textContent = page.title;
  return title.outerHTML + /** @type {HTMLElement} */ (page.getElementById("main")).outerHTML;
}

/** @param {string} id @param {Document} page */
function renew(id, page) {
  const now = document.getElementById(id);
  const next = page.getElementById(id);
  if (!now || !next || now.isEqualNode(next)) return;
  const fresh = document.importNode(next, true);
  now.replaceWith(fresh);
  htmx.process(fresh);
}

/** Replace what follows #main in #app, unless it is the same. @param {Document} page */
function renewAside(page) {
  const main = /** @type {HTMLElement} */ (document.getElementById("main"));
  const next = /** @type {HTMLElement} */ (page.getElementById("main")).nextElementSibling;
  const now = main.nextElementSibling;
  if (now && next && now.isEqualNode(next)) return;
  while (main.nextElementSibling) main.nextElementSibling.remove();
  if (!next) return;
  const fresh = document.importNode(next, true);
  main.after(fresh);
  htmx.process(fresh);
}

/** @param {Document} page */
function arrive(page) {
  document.body.className = page.body.className;
  const app = /** @type {HTMLElement} */ (document.getElementById("app"));
  app.className = /** @type {HTMLElement} */ (page.getElementById("app")).className;
  renew("nav", page);
  renewAside(page);
  for (const said of page.querySelectorAll("#toasts .toast__text")) toast(said.textContent ?? "");
  document.getElementById("main")?.focus({ preventScroll: true });
  window.dispatchEvent(new CustomEvent("parley:page"));
}

/** @param {boolean} on */
function showLoading(on) {
  clearTimeout(slow);
  const bar = document.getElementById("loadbar");
  if (!bar) return;
  if (!on) bar.hidden = true;
  else slow = window.setTimeout(() => (bar.hidden = false), SLOW_MS);
}

/** @param {string} name a word of <body data-word-…>, in the viewer's language */
const word = (name) => document.body.dataset[`word${name}`] ?? "";

const UNAVAILABLE = 503; // A part of the site is missing, and soon back: the answer is a sentence.

/** @param {XMLHttpRequest} xhr */
function failure({ status, responseText }) {
  if (status === 429) return word("Often");
  if (status === UNAVAILABLE) return sentenceIn(responseText) ?? word("Failed");
  return status >= 400 && status < 500 ? word("Refused") : word("Failed");
}

/** @param {string} json @returns {string | undefined} undefined from a proxy, which says no JSON */
function sentenceIn(json) {
  try {
    return JSON.parse(json).message;
  } catch {
    return undefined;
  }
}

/**
 * What was asked of the server: until it works, one sentence says that it did not.
 * @param {any} detail any: htmx
 */
const causeOf = ({ requestConfig }) => `${requestConfig?.verb} ${requestConfig?.path}`;

document.addEventListener("htmx:configRequest", (event) => {
  const detail = /** @type {CustomEvent} */ (event).detail;
  if (detail.verb !== "get") detail.headers["X-CSRFToken"] = csrfToken();
});

document.addEventListener("htmx:beforeSend", (event) => {
  const detail = /** @type {CustomEvent} */ (event).detail;
  // The end is heard from the request itself. An element may be drawn anew while its request is on
  // its way: htmx's own events then happen outside the document, and what it knew of it is gone.
  detail.xhr.addEventListener("loadend", () => ended(detail));
  detail.xhr.addEventListener("error", () => toast(word("Offline"), "error", LINE));
  if (!detail.boosted) return;
  if (!detail.elt.closest("[hx-push-url], [hx-replace-url]")) detail.etc.push = "true";
  boosted?.abort(); // Two quick clicks: the last one counts, whichever answer is faster.
  boosted = detail.xhr;
  showLoading(true);
});

/** @param {any} detail any: htmx */
function ended(detail) {
  const { xhr } = detail;
  if (xhr.status) dismiss(LINE);
  if (detail.successful) dismiss(causeOf(detail));
  if (detail.failed) toast(failure(xhr), "error", causeOf(detail));
  if (xhr !== boosted) return;
  boosted = null;
  showLoading(false);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const detail = /** @type {CustomEvent} */ (event).detail;
  if (!detail.boosted) return;
  // The page stays as it is, with what was typed in it.
  if (detail.xhr.status === UNAVAILABLE) return;
  arriving = readPage(detail.serverResponse);
  if (!arriving) {
    event.preventDefault();
    location.assign(detail.pathInfo.responsePath ?? detail.pathInfo.finalRequestPath);
    return;
  }
  detail.shouldSwap = true; // A "not found" is a page like any other.
  detail.isError = false;
  detail.target = document.getElementById("main");
  detail.serverResponse = mainOf(arriving);
  detail.swapOverride = "outerHTML show:window:top";
});

document.addEventListener("htmx:afterSettle", () => {
  const page = arriving;
  arriving = null;
  if (page) arrive(page);
});

document.addEventListener("htmx:historyCacheMissLoad", (event) => {
  const detail = /** @type {CustomEvent} */ (event).detail;
  const page = readPage(detail.response);
  if (!page) return location.reload();
  detail.historyElt = document.getElementById("main");
  detail.swapSpec.swapStyle = "outerHTML";
  detail.response = mainOf(page);
  arriving = page;
});

document.addEventListener("htmx:historyCacheMissLoadError", () => location.reload());

// The server says a sentence with `HX-Trigger: {"toast": {"text": …}}`.
document.addEventListener("toast", (event) =>
  toast(/** @type {CustomEvent} */ (event).detail.text),
);
// … and sends people on with `HX-Trigger: {"visit": {"path": …}}`, which keeps a room playing where
// HX-Redirect would end it.
document.addEventListener("visit", (event) =>
  navigate(/** @type {CustomEvent} */ (event).detail.path),
);

document.addEventListener(
  "click",
  (event) => {
    const target = /** @type {Element} */ (event.target);
    if (target.closest("[data-theme-switch]")) switchTheme();
    const copy = /** @type {HTMLElement | null} */ (target.closest("[data-copy]"));
    if (copy) void copyLink(copy.dataset.copy ?? "");
    const back = /** @type {HTMLAnchorElement | null} */ (target.closest("a[data-back]"));
    if (back && history.state?.htmx && history.length > 1) {
      event.preventDefault();
      event.stopPropagation();
      history.back();
    }
  },
  true,
);

function switchTheme() {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const next = (root.dataset.theme ?? system) === "dark" ? "light" : "dark";
  root.dataset.theme = next;
  try {
    localStorage.setItem("theme", next);
  } catch {
    // The choice then lasts for this page only.
  }
  closeMenus();
}

/** @param {string} url */
async function copyLink(url) {
  await navigator.clipboard.writeText(new URL(url, location.href).href);
  closeMenus();
  toast(word("Copied"));
}

/**
 * After G, the key of a place (the keys of a room are in room/keyboard.js).
 * @type {Record<string, string>}
 */
const PLACES = { h: "home", s: "spaces", m: "messages" };
let leader = false;

document.addEventListener("keydown", (event) => {
  if (!mayBeCommand(event) || document.querySelector("dialog[open]")) return;
  const key = keyOf(event);
  if (leader && Object.hasOwn(PLACES, key))
    /** @type {HTMLElement | null} */ (
      document.querySelector(`[data-place="${PLACES[key]}"]`)
    )?.click();
  leader = key === "g";
  if (key === "/") focusFirst("[data-search]", event);
  if (key === "n") focusFirst("[data-new-post]", event);
});

/** @param {string} selector @param {KeyboardEvent} event */
function focusFirst(selector, event) {
  const found = [
    .../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector)),
  ].find((one) => one.offsetParent);
  if (!found) return;
  take(event);
  if (found instanceof HTMLAnchorElement) found.click();
  else found.focus();
}

watchMenus();
