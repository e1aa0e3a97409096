// @ts-check
/**
 * The composer: a ring that counts down, a button that is off while there is nothing to say,
 * Ctrl+Enter. Works on every `[data-composer]`, now or later in the page; without this file the
 * form posts as any form does.
 */

import { lengthOfLines } from "../text.js";
import "./pictures.js";
import { hasDraftVoice, draftPictureCount } from "./draft_media.js";
import { filledOptions, hasPoll } from "./poll.js";
import { threadTexts, showCharactersLeft } from "./thread.js";

const WARN_AT = 20; // Characters left when the number appears.
const FEWEST_OPTIONS = 2;

/**
 * What a composer holds besides words; a post has one kind of it.
 *
 * @param {HTMLFormElement} form
 * @returns {"pictures" | "voice" | "poll" | ""}
 */
function kindOf(form) {
  if (
    /** @type {HTMLInputElement | null} */ (form.querySelector("[data-images]"))?.files?.length ||
    draftPictureCount(form)
  )
    return "pictures";
  if (
    /** @type {HTMLElement | null} */ (form.querySelector("[data-recorder]"))?.hidden === false ||
    hasDraftVoice(form)
  )
    return "voice";
  return hasPoll(form) ? "poll" : "";
}

/**
 * Switch off the tools that the post has no room for.
 *
 * @param {HTMLFormElement} form
 * @param {string} kind
 */
function showTools(form, kind) {
  for (const tool of /** @type {NodeListOf<HTMLElement>} */ (
    form.querySelectorAll("[data-tool]")
  )) {
    const control = tool instanceof HTMLButtonElement ? tool : tool.querySelector("input");
    if (control) control.disabled = kind !== "" && kind !== tool.dataset.tool;
    tool.classList.toggle("composer__tool--off", Boolean(control?.disabled));
  }
}

/**
 * True if the form may be sent as it is.
 *
 * @param {HTMLFormElement} form
 * @param {number} left
 * @param {string} kind
 */
function isReady(form, left, kind) {
  const max = Number(form.dataset.max);
  if (left < 0 || threadTexts(form).some((text) => lengthOfLines(text) > max)) return false;
  if (form.hasAttribute("data-busy")) return false; // A recording is being made or is on its way.
  if (kind === "poll") return left < max && filledOptions(form) >= FEWEST_OPTIONS;
  const voice =
    /** @type {HTMLInputElement | null} */ (form.querySelector("[data-voice-id]"))?.value ?? "";
  return left < max || kind === "pictures" || voice !== "";
}

/** @param {HTMLFormElement} form */
function refresh(form) {
  const field = form.querySelector("textarea");
  const button = /** @type {HTMLButtonElement | null} */ (form.querySelector("[data-send]"));
  const max = Number(form.dataset.max);
  if (!field || !button || !max) return;
  const used = lengthOfLines(field.value);
  const left = max - used;
  form
    .querySelector("[data-ring]")
    ?.setAttribute("stroke-dashoffset", String(100 - Math.min(100, (100 * used) / max)));
  const number = /** @type {HTMLElement | null} */ (form.querySelector("[data-left]"));
  if (number) {
    number.hidden = left > WARN_AT;
    number.textContent = String(left);
  }
  showCharactersLeft(form, (text) => max - lengthOfLines(text), WARN_AT);
  const kind = kindOf(form);
  showTools(form, kind);
  form.classList.toggle("composer--over", left < 0);
  form.classList.toggle("composer--empty", used === 0);
  form.classList.toggle("composer--open", used > 0 || kind !== "" || threadTexts(form).length > 0);
  button.disabled = !isReady(form, left, kind);
  button.classList.toggle("btn--primary", !button.disabled);
  button.classList.toggle("btn--soft", button.disabled);
}

function refreshAll() {
  for (const form of document.querySelectorAll("form[data-composer]"))
    refresh(/** @type {HTMLFormElement} */ (form));
}

document.addEventListener("input", (event) => {
  const form = /** @type {Element} */ (event.target).closest("form[data-composer]");
  if (!form) return;
  form.querySelector(".composer__error")?.replaceChildren(); // Said of what stood there before.
  refresh(/** @type {HTMLFormElement} */ (form));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  if (event.repeat || event.isComposing) return; // Held, it would be sent twice.
  const form = /** @type {HTMLFormElement | null} */ (
    /** @type {Element} */ (event.target).closest("form[data-composer]")
  );
  if (form)
    form.requestSubmit(/** @type {HTMLButtonElement} */ (form.querySelector("[data-send]")));
});

document.addEventListener("htmx:afterRequest", (event) => {
  const detail = /** @type {CustomEvent} */ (event).detail;
  const form = detail.elt instanceof Element ? detail.elt.closest("form[data-composer]") : null;
  // Not a player in the preview that asked for its recording.
  const sent = detail.requestConfig?.verb === "post";
  if (!form || !detail.successful || detail.boosted || !sent) return;
  // Only now: what was written is never lost to a failed request.
  /** @type {HTMLFormElement} */ (form).reset();
  // Published or kept anew: the next one is another.
  form.querySelector("input[name=draft]")?.remove();
  refresh(/** @type {HTMLFormElement} */ (form));
});

window.addEventListener("parley:page", refreshAll);
document.addEventListener("htmx:afterSettle", refreshAll);
refreshAll();
