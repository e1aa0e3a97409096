// @ts-check
/** The page without a line: goes back to where one wanted to be as soon as there is one. */

const AGAIN_MS = 3_000;

const retry = document.querySelector("[data-retry]");
if (retry instanceof HTMLAnchorElement) retry.href = location.href;

/** The device may be online and the server not, or not yet: only an answer counts. */
async function look() {
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
  if (answer?.ok) location.reload();
}

window.addEventListener("online", () => void look());
setInterval(() => void look(), AGAIN_MS);
