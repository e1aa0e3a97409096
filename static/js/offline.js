// @ts-check
/** The offline page: loads the page that was wanted as soon as the server answers again. */

const AGAIN_MS = 3_000;

const retry = document.querySelector("[data-retry]");
if (retry instanceof HTMLAnchorElement) retry.href = location.href;

/** The device may be online and the server not, or not yet: only an answer counts. */
async function checkServer() {
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
  if (answer?.ok) location.reload();
}

window.addEventListener("online", () => void checkServer());
setInterval(() => void checkServer(), AGAIN_MS);
