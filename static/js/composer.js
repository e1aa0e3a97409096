// @ts-check
/**
 * The composer: a ring that counts down, a button that is off while there is nothing to say, Ctrl+Enter.
 * Works on every `[data-composer]`, now or later in the page; without this file the form posts as any form does.
 */

import "./pictures.js";

const WARN_AT = 20; // Characters left when the number appears.

/** @param {string} text */
const lengthOf = (text) => [...text.trim()].length; // Code points, as the server counts them.

/** @param {HTMLFormElement} form */
function refresh(form) {
  const field = form.querySelector("textarea");
  const button = /** @type {HTMLButtonElement | null} */ (form.querySelector("[data-send]"));
  const max = Number(form.dataset.max);
  if (!field || !button || !max) return;
  const used = lengthOf(field.value);
  const pictures = /** @type {HTMLInputElement | null} */ (form.querySelector("[data-images]"))?.files?.length ?? 0;
  const left = max - used;
  form.querySelector("[data-ring]")?.setAttribute("stroke-dashoffset", String(100 - Math.min(100, (100 * used) / max)));
  const number = /** @type {HTMLElement | null} */ (form.querySelector("[data-left]"));
  if (number) {
    number.hidden = left > WARN_AT;
    number.textContent = String(left);
  }
  form.classList.toggle("composer--over", left < 0);
  form.classList.toggle("composer--empty", used === 0);
  button.disabled = (used === 0 && pictures === 0) || left < 0;
  button.classList.toggle("btn--primary", !button.disabled);
  button.classList.toggle("btn--soft", button.disabled);
}

function refreshAll() {
  for (const form of document.querySelectorAll("form[data-composer]")) refresh(/** @type {HTMLFormElement} */ (form));
}

document.addEventListener("input", (event) => {
  const form = /** @type {Element} */ (event.target).closest("form[data-composer]");
  if (form) refresh(/** @type {HTMLFormElement} */ (form));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = /** @type {HTMLFormElement | null} */ (/** @type {Element} */ (event.target).closest("form[data-composer]"));
  if (form) form.requestSubmit(/** @type {HTMLButtonElement} */ (form.querySelector("[data-send]")));
});

document.addEventListener("htmx:afterRequest", (event) => {
  const detail = /** @type {CustomEvent} */ (event).detail;
  const form = detail.elt instanceof Element ? detail.elt.closest("form[data-composer]") : null;
  if (!form || !detail.successful || detail.boosted) return;
  /** @type {HTMLFormElement} */ (form).reset(); // Only now: what was written is never lost to a failed request.
  refresh(/** @type {HTMLFormElement} */ (form));
});

window.addEventListener("parley:page", refreshAll);
document.addEventListener("htmx:afterSettle", refreshAll);
refreshAll();
