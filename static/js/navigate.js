// @ts-check
/**
 * Going somewhere from a script. A module of its own: the shell imports the messages, and the
 * messages lead elsewhere.
 */

/**
 * Go to a page of ours as if a link had been clicked: htmx swaps the page and a room plays on.
 *
 * @param {string} path
 */
export function navigate(path) {
  const link = document.createElement("a");
  link.href = path;
  link.hidden = true;
  document.body.append(link);
  htmx.process(link);
  window.addEventListener("parley:page", () => link.remove(), { once: true });
  link.click();
}
