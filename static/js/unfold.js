// @ts-check
/**
 * "Show more" below a post that is folded because it is very tall. The button goes, so the focus is
 * taken to the words that were hidden.
 */

document.addEventListener("click", (event) => {
  const button = /** @type {Element} */ (event.target).closest("[data-unfold]");
  const text = /** @type {HTMLElement | null} */ (button?.previousElementSibling ?? null);
  if (!button || !text) return;
  text.classList.remove("post__text--folded");
  button.remove();
  text.tabIndex = -1;
  text.focus({ preventScroll: true });
});
