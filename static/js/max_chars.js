// @ts-check
/**
 * Fields with `data-max-chars`: what is too long is not cut but pointed out, with the number that
 * the server would find (static/js/text.js), and the form does not go off. Near the end a number
 * says how much is left; it stands behind the field, or behind its `[data-chars-behind]`. A field
 * with `data-chars-shown` has a number of its own.
 */

import { h, set, write } from "./dom.js";
import { fill, gettext } from "./i18n.js";
import { lengthOfLine, lengthOfLines } from "./text.js";

const WARN_AT = 20; // Characters left when the number appears, as in the composer.

/** @typedef {HTMLInputElement | HTMLTextAreaElement} Field */

/** @type {WeakMap<Element, HTMLElement>} */
const NUMBERS = new WeakMap();

/** @param {EventTarget | null} target @returns {Field | null} */
function fieldOf(target) {
  const isField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  return isField && target.dataset.maxChars ? target : null;
}

/** @param {Field} field */
function check(field) {
  const most = Number(field.dataset.maxChars);
  const used =
    field instanceof HTMLInputElement ? lengthOfLine(field.value) : lengthOfLines(field.value);
  const isOver = used > most;
  // It would cut in silence what is to be pointed out.
  field.removeAttribute("maxlength");
  field.setCustomValidity(
    isOver
      ? fill(gettext("At most %(most)s characters; these are %(used)s."), {
          most,
          used,
        })
      : "",
  );
  // The server's own refusal stands until something is typed.
  if (isOver || !field.closest(".field--bad")) set(field, "aria-invalid", isOver ? "true" : null);
  if (!field.hasAttribute("data-chars-shown")) show(field, most - used);
}

/** @param {Field} field @param {number} left */
function show(field, left) {
  const anchor = field.closest("[data-chars-behind]") ?? field;
  let number = NUMBERS.get(anchor);
  if (!number?.isConnected) {
    if (left > WARN_AT) return;
    number = h("span", { class: "chars-left" });
    NUMBERS.set(anchor, number);
    anchor.after(number);
  }
  number.hidden = left > WARN_AT;
  number.classList.toggle("chars-left--over", left < 0);
  write(number, String(left));
}

/** @param {ParentNode} root */
function checkAll(root) {
  for (const field of /** @type {NodeListOf<Field>} */ (root.querySelectorAll("[data-max-chars]")))
    check(field);
}

/** @param {Event} event */
function onField(event) {
  const field = fieldOf(event.target);
  if (field) check(field);
}

// Also when one is entered: those that scripts add later are none of a page's.
document.addEventListener("focusin", onField);
document.addEventListener("input", onField);

document.addEventListener("reset", (event) => {
  // The fields are emptied only after this event.
  setTimeout(() => checkAll(/** @type {HTMLFormElement} */ (event.target)));
});

window.addEventListener("parley:page", () => checkAll(document));
document.addEventListener("htmx:afterSettle", () => checkAll(document));
checkAll(document);
