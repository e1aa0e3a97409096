// @ts-check
/** Further posts of a thread in a composer: added, counted, removed. */

/** @param {Element} form */
const partsOf = (form) =>
  /** @type {HTMLElement[]} */ ([...form.querySelectorAll("[data-thread-part]")]);

/** The texts of the further posts. @param {Element} form */
export function threadTexts(form) {
  return partsOf(form).map((part) => part.querySelector("textarea")?.value ?? "");
}

/**
 * Show at each further post how much room is left.
 *
 * @param {Element} form
 * @param {(text: string) => number} leftOf
 * @param {number} warnAt
 */
export function showCharactersLeft(form, leftOf, warnAt) {
  for (const part of partsOf(form)) {
    const left = leftOf(part.querySelector("textarea")?.value ?? "");
    const number = /** @type {HTMLElement} */ (part.querySelector("[data-part-left]"));
    number.hidden = left > warnAt;
    number.textContent = String(left);
    part.classList.toggle("composer--over", left < 0);
  }
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const form = target.closest("form[data-composer]");
  if (!form) return;
  if (target.closest("[data-add-part]")) {
    const template = /** @type {HTMLTemplateElement} */ (form.querySelector("template[data-part]"));
    form.querySelector("[data-thread]")?.append(document.importNode(template.content, true));
    partsOf(form).at(-1)?.querySelector("textarea")?.focus();
  }
  const drop = target.closest("[data-drop-part]");
  if (drop) {
    drop.closest("[data-thread-part]")?.remove();
    form.querySelector("textarea")?.focus();
  }
  if (target.closest("[data-add-part]") || drop)
    form.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("reset", (event) => {
  /** @type {Element} */ (event.target).querySelector?.("[data-thread]")?.replaceChildren();
});
