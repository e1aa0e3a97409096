/**
 * "Name your Space": the counter of the title, three topics at most, and the time only when it is
 * wanted.
 */

import { fill, gettext } from "../i18n.js";
import { write } from "../dom.js";
import { lengthOfLine } from "../text.js";

/** @param {HTMLFormElement} form */
function refresh(form) {
  const title = /** @type {HTMLInputElement|null} */ (form.querySelector("[name=title]"));
  const count = form.querySelector("[data-setup=count]");
  if (title && count)
    write(
      count,
      fill(gettext("%(used)s / %(most)s"), {
        used: lengthOfLine(title.value),
        most: Number(title.dataset.maxChars),
      }),
    );
  const topics = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("[name=topics]")]);
  const isFull = topics.filter((topic) => topic.checked).length >= Number(form.dataset.topics);
  for (const topic of topics) topic.disabled = isFull && !topic.checked;
  const isLater = form.querySelector("[name=when][value=later]:checked") !== null;
  for (const element of form.querySelectorAll("[data-setup=later], [data-setup=now]")) {
    const field = /** @type {HTMLElement} */ (element);
    field.hidden = (field.dataset.setup === "later") !== isLater;
  }
}

/** The zone this browser lives in is the one a person thinks in. @param {HTMLFormElement} form */
function chooseZone(form) {
  const zone = /** @type {HTMLSelectElement|null} */ (form.querySelector("select[name=time_zone]"));
  if (!zone || form.dataset.bound || zone.dataset.isGiven) return;
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zone.options].some((option) => option.value === here)) zone.value = here;
}

/** Called with every page; a form that is wired already is left alone. */
export function startSetup() {
  const form = /** @type {HTMLFormElement|null} */ (
    document.querySelector("form[data-setup=form]")
  );
  if (!form || form.dataset.bound) return;
  chooseZone(form);
  form.dataset.bound = "true";
  form.addEventListener("input", () => refresh(form));
  refresh(form);
  // What was refused may be below the fold: go there.
  /** @type {HTMLElement|null} */ (form.querySelector("[aria-invalid=true]"))?.focus();
}
