// @ts-check
/**
 * What a draft brought into a composer: pictures and a recording that the server has already,
 * dropped with a button.
 */

/** How many pictures of the draft are still in it. @param {Element} form */
export const draftPictureCount = (form) => form.querySelectorAll("[data-kept]").length;

/** True if the draft's recording is still in it. @param {Element} form */
export const hasDraftVoice = (form) => form.querySelector("[data-kept-voice]") !== null;

/** @param {Element} form */
function dropVoice(form) {
  const kept = form.querySelector("[data-kept-voice]");
  if (!kept) return;
  kept.remove();
  const field = /** @type {HTMLInputElement | null} */ (form.querySelector("[data-voice-id]"));
  if (field) field.value = "";
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const form = target.closest("form[data-composer]");
  if (!form) return;
  const picture = target.closest("[data-drop-kept]");
  picture?.closest("[data-kept]")?.remove();
  // A new recording takes its place.
  const isOther = target.closest("[data-drop-voice], [data-record]");
  if (isOther) dropVoice(form);
  if (picture || isOther) form.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("reset", (event) => dropVoice(/** @type {Element} */ (event.target)));
