// @ts-check
/**
 * Pictures of posts and messages: one that moves is paused by its button, and stands still from the
 * beginning for who wants little motion (the page's `<source>` does that alone); a tap opens any of
 * them whole, in a box that scrolls. Without this file the link opens the picture by itself.
 */

import { redraw } from "./dom.js";
import { gettext } from "./i18n.js";

/** How much longer than wide, or wider than high, a picture is to scroll and not to shrink. */
const LONG = 2;

/** @param {HTMLElement} button @param {boolean} isMoving */
function show(button, isMoving) {
  const figure = /** @type {HTMLElement} */ (button.closest("[data-moving]"));
  const image = /** @type {HTMLImageElement} */ (figure.querySelector("img"));
  figure.querySelector("source")?.remove(); // From here on the button decides.
  image.src = (isMoving ? button.dataset.movingUrl : button.dataset.stillUrl) ?? image.src;
  label(button, isMoving);
}

/** @param {HTMLElement} button @param {boolean} isMoving */
function label(button, isMoving) {
  button.dataset.state = isMoving ? "moving" : "still";
  redraw(button, isMoving ? "pause" : "play");
  button.setAttribute(
    "aria-label",
    isMoving ? gettext("Pause the picture") : gettext("Play the picture"),
  );
}

function labelAll() {
  const isMoving = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  for (const button of document.querySelectorAll(".gallery__pause:not([data-state])"))
    label(/** @type {HTMLElement} */ (button), isMoving);
}

/** @param {HTMLImageElement} image as it stands in the page */
function open(image) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("lightbox"));
  const box = /** @type {HTMLDialogElement} */ (
    /** @type {Element} */ (template.content.firstElementChild).cloneNode(true)
  );
  box.setAttribute("aria-label", image.alt || gettext("Picture"));
  const whole = /** @type {HTMLImageElement} */ (box.querySelector("img"));
  whole.src = image.currentSrc || image.src;
  whole.alt = image.alt;
  const width = Number(image.getAttribute("width"));
  const height = Number(image.getAttribute("height"));
  Object.assign(whole, { width, height });
  whole.classList.toggle("lightbox__picture--long", height > LONG * width);
  whole.classList.toggle("lightbox__picture--wide", width > LONG * height);
  box.addEventListener("click", (event) => {
    if (event.target !== whole) box.close();
  });
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const button = /** @type {HTMLElement | null} */ (target.closest(".gallery__pause"));
  if (button) return show(button, button.dataset.state === "still");
  const image = target.closest("[data-open-picture]")?.querySelector("img");
  const wantsTab = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
  if (!image || wantsTab) return;
  event.preventDefault();
  open(image);
});

window.addEventListener("parley:page", labelAll);
document.addEventListener("htmx:afterSettle", labelAll);
labelAll();
