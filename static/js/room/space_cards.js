/**
 * Cards of Spaces follow their rooms while they are in view; a page that waits for a room opens
 * when its state changes.
 */

import { boost } from "../dom.js";
import { navigate } from "../navigate.js";
import { learnFromHeaders, serverClock } from "../net/server_clock.js";

const EVERY_MS = 8_000; // RULES §2: within 10 s.

/** @type {Set<Element>} */
const inView = new Set();
/** @type {IntersectionObserver|null} */
let observer = null;

/** @param {string} url @returns {Promise<Element|null>} null when there is nothing new to show */
async function fetchCard(url) {
  const { askedAt } = serverClock;
  const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer) learnFromHeaders(answer.headers, askedAt);
  if (!answer || answer.status !== 200) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector(".space-card");
}

/** @param {HTMLElement} card */
async function follow(card) {
  const fresh = await fetchCard(card.dataset.card ?? "");
  if (!fresh || !card.isConnected || fresh.isEqualNode(card)) return;
  const next = document.importNode(fresh, true);
  if (card.classList.contains("post__part")) next.classList.add("post__part");
  card.replaceWith(next);
  boost(next);
  watchCards();
}

/** @param {HTMLElement} page */
async function waitFor(page) {
  // The host's green room opens by the clock.
  if (Date.parse(page.dataset.opens ?? "") <= serverClock.now()) return navigate(location.href);
  const fresh = /** @type {HTMLElement|null} */ (await fetchCard(page.dataset.watch ?? ""));
  if (fresh && page.isConnected && fresh.dataset.state !== page.dataset.state)
    navigate(location.href);
}

function refresh() {
  if (document.hidden) return;
  for (const card of inView) {
    if (card.isConnected) follow(/** @type {HTMLElement} */ (card));
    else inView.delete(card);
  }
  const page = document.querySelector("[data-watch]");
  if (page) waitFor(/** @type {HTMLElement} */ (page));
}

/**
 * Watch the cards that are in the page now. Called with every page and after every piece of one.
 */
export function watchCards() {
  if (!observer) {
    observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) inView.add(target);
        else inView.delete(target);
      }
    });
    setInterval(refresh, EVERY_MS);
    document.addEventListener("visibilitychange", refresh);
    document.addEventListener("htmx:afterSettle", watchCards);
  }
  for (const card of document.querySelectorAll("[data-card]")) observer.observe(card);
}
