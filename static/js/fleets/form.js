// @ts-check
/** The form of a new Fleet: the chosen picture and the words as they will stand. */

/** @param {HTMLFormElement} form */
function preview(form) {
  const text = /** @type {HTMLTextAreaElement} */ (form.querySelector("textarea"));
  const shownText = /** @type {HTMLElement} */ (form.querySelector("[data-preview-text]"));
  shownText.textContent = text.value.trim();
}

/** @param {HTMLFormElement} form @param {File | undefined} file */
function showPicture(form, file) {
  const image = /** @type {HTMLImageElement} */ (form.querySelector("[data-preview-picture]"));
  const alt = /** @type {HTMLElement} */ (form.querySelector("[data-alt]"));
  if (image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
  image.hidden = !file;
  alt.hidden = !file;
  if (file) image.src = URL.createObjectURL(file);
  else image.removeAttribute("src");
}

/** @param {Event} event */
function onChange(event) {
  const target = /** @type {Element} */ (event.target);
  const form = /** @type {HTMLFormElement | null} */ (target.closest("form[data-fleet-form]"));
  if (!form) return;
  if (target instanceof HTMLInputElement && target.type === "file")
    showPicture(form, target.files?.[0]);
  preview(form);
}

function arrive() {
  const form = /** @type {HTMLFormElement | null} */ (
    document.querySelector("form[data-fleet-form]")
  );
  if (!form) return;
  const file = /** @type {HTMLInputElement} */ (form.querySelector("input[type=file]")).files?.[0];
  showPicture(form, file);
  preview(form);
}

document.addEventListener("input", onChange);
document.addEventListener("change", onChange);
window.addEventListener("parley:page", arrive);
arrive();
