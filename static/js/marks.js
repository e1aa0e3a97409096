// @ts-check
/**
 * Likes, reposts and bookmarks: buttons of the one form that every page has for them. Here only the
 * button is drawn anew; without this file the form is sent as any other.
 */

/** A second press while the first is on its way is none. @type {WeakSet<Element>} */
const sent = new WeakSet();

document.addEventListener("submit", async (event) => {
  const button = /** @type {SubmitEvent} */ (event).submitter;
  if (!(button instanceof HTMLButtonElement) || button.form?.id !== "marks") return;
  event.preventDefault();
  if (sent.has(button)) return;
  sent.add(button);
  const values = { [button.name]: button.value };
  const parts = { source: button, target: button, swap: "outerHTML", values };
  await htmx.ajax("POST", button.formAction, parts).catch(() => undefined); // The shell says it.
  sent.delete(button);
});
