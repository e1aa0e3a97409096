// @ts-check
/**
 * Short sentences at the edge of the page. Errors stay until closed; the rest leave by themselves
 * unless somebody reads them.
 */

const STAY_MS = 6000;

/**
 * @param {string} text
 * @param {"info" | "error"} kind
 */
export function toast(text, kind = "info") {
  const host = document.getElementById("toasts");
  if (!host || !text) return;
  for (const shown of host.querySelectorAll(".toast__text"))
    if (shown.textContent === text) shown.parentElement?.remove();
  const box = document.createElement("div");
  box.className = `toast toast--${kind}`;
  const paragraph = document.createElement("p");
  paragraph.className = "toast__text";
  paragraph.textContent = text;
  box.append(paragraph, closeButton());
  host.append(box);
  if (kind !== "error") leaveSoon(box);
}

function closeButton() {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn--icon btn--sm toast__close";
  button.dataset.close = "";
  button.setAttribute("aria-label", document.body.dataset.wordClose ?? "");
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("class", "icon icon--sm");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", "#i-x");
  icon.append(use);
  button.append(icon);
  return button;
}

/** @param {Element} box */
function leaveSoon(box) {
  setTimeout(() => {
    if (box.matches(":hover, :focus-within")) leaveSoon(box);
    else box.remove();
  }, STAY_MS);
}

document.addEventListener("click", (event) => {
  const close = /** @type {Element} */ (event.target).closest("#toasts [data-close]");
  close?.closest(".toast")?.remove();
});
for (const box of document.querySelectorAll("#toasts .toast:not(.toast--error)")) leaveSoon(box);
