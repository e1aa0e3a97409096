// @ts-check
/**
 * Pictures in a composer: shown at once from the file itself, each with a field for its
 * description, dropped with a button. The file input keeps the truth (its FileList is rebuilt); the
 * descriptions go along in the same order as `alt`.
 */

import { draftPictureCount } from "./draft_media.js";
import { put, shrunkAll } from "./shrink.js";
import { toast } from "../toasts.js";

/** @param {HTMLInputElement} input */
const formOf = (input) => /** @type {HTMLFormElement} */ (input.closest("form"));

/**
 * What a form holds, kept here because choosing again would replace the input's list.
 *
 * @type {WeakMap<HTMLFormElement, File[]>}
 */
const chosen = new WeakMap();

/** What shows a file, also once it has been scaled. @type {WeakMap<File, HTMLElement>} */
const figures = new WeakMap();

/** @param {HTMLFormElement} form @param {File[]} files */
function keep(form, files) {
  chosen.set(form, files);
  put(/** @type {HTMLInputElement} */ (form.querySelector("[data-images]")), files);
  form.dispatchEvent(new Event("input", { bubbles: true })); // The composer's button depends on it.
}

/** @param {HTMLFormElement} form @param {File} file */
function show(form, file) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("picture"));
  const figure = /** @type {HTMLElement} */ (
    /** @type {Element} */ (template.content.firstElementChild).cloneNode(true)
  );
  const image = /** @type {HTMLImageElement} */ (figure.querySelector("img"));
  image.src = URL.createObjectURL(file);
  image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
  figures.set(file, figure);
  figure.querySelector("button")?.addEventListener("click", () => {
    figure.remove();
    keep(
      form,
      (chosen.get(form) ?? []).filter((one) => figures.get(one) !== figure),
    );
  });
  form.querySelector("[data-pictures]")?.append(figure);
}

/**
 * Scale what has just been chosen, in its place; what was dropped or sent meanwhile stays away.
 *
 * @param {HTMLInputElement} input @param {File[]} added
 */
async function scale(input, added) {
  const form = formOf(input);
  const scaled = await shrunkAll(input, added);
  const now = chosen.get(form) ?? [];
  for (const [place, file] of added.entries()) {
    const other = scaled[place] ?? file;
    const at = now.indexOf(file);
    const figure = figures.get(file);
    if (at < 0 || other === file || !figure) continue;
    now[at] = other;
    figures.set(other, figure);
  }
  if (chosen.has(form)) keep(form, now);
}

document.addEventListener("change", (event) => {
  const input = event.target;
  if (!(input instanceof HTMLInputElement) || !input.matches("[data-images]")) return;
  const form = formOf(input);
  const before = chosen.get(form) ?? [];
  const room = Number(input.dataset.most) - before.length - draftPictureCount(form);
  const added = [...(input.files ?? [])].slice(0, Math.max(0, room));
  if ((input.files?.length ?? 0) > room) toast(document.body.dataset.wordPictures ?? "");
  for (const file of added) show(form, file);
  keep(form, [...before, ...added]);
  void scale(input, added);
});

document.addEventListener("reset", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  chosen.delete(form);
  form.querySelector("[data-pictures]")?.replaceChildren();
});

/** @param {HTMLFormElement} form @param {number} share 0 to 1; at 1 the bar goes */
function progress(form, share) {
  let bar = form.querySelector("progress");
  if (share >= 1) return bar?.remove();
  if (!bar) {
    bar = document.createElement("progress");
    bar.className = "progress composer__progress";
    bar.max = 1;
    form.append(bar);
  }
  bar.value = share;
}

document.addEventListener("htmx:xhr:progress", (event) => {
  const { elt, loaded, total } = /** @type {CustomEvent} */ (event).detail;
  if (elt instanceof HTMLFormElement && elt.matches("[data-composer]") && chosen.get(elt)?.length) {
    progress(elt, total ? loaded / total : 0);
  }
});
document.addEventListener("htmx:afterRequest", (event) => {
  const elt = /** @type {CustomEvent} */ (event).detail.elt;
  if (elt instanceof HTMLFormElement) progress(elt, 1);
});
