// @ts-check
/** `hx-confirm` asks in a sheet of the site instead of the browser's box. */

document.addEventListener("htmx:confirm", (event) => {
  const detail = /** @type {CustomEvent} */ (event).detail;
  if (!detail.question) return;
  event.preventDefault();
  ask(detail.question, detail.elt, () => detail.issueRequest(true));
});

/**
 * @param {string} question
 * @param {Element} asker its words become those of the button that does it
 * @param {() => void} proceed
 */
function ask(question, asker, proceed) {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("confirm"));
  const sheet = /** @type {HTMLDialogElement} */ (
    /** @type {Element} */ (template.content.firstElementChild).cloneNode(true)
  );
  const title = /** @type {HTMLElement} */ (sheet.querySelector(".sheet__title"));
  const yes = /** @type {HTMLButtonElement} */ (sheet.querySelector("[value=yes]"));
  title.textContent = question;
  yes.textContent =
    (asker.querySelector("[type=submit]") ?? asker).textContent?.trim() || yes.textContent;
  document.body.append(sheet);
  sheet.addEventListener("close", () => {
    sheet.remove();
    if (sheet.returnValue === "yes") proceed();
  });
  sheet.showModal();
}
