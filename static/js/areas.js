// @ts-check
/**
 * The code of the areas of the site: fetched with the first page that has one, and before that when
 * somebody is about to open it. Once it is there, an area follows the pages by itself.
 */

/**
 * @typedef {object} Area
 * @property {string} where what a page of the area has
 * @property {string} [ways] what leads there: a pointer or the focus on it says that it is wanted
 * @property {string} [invites] seen on a screen it is likely enough to be pressed
 * @property {() => Promise<unknown>} load
 */
/** @type {Area[]} */
const AREAS = [
  {
    where: "main[data-room=page]",
    ways: ".space-card a, [data-room=dock-link]",
    invites: ".space-card--live .btn--primary",
    load: () => import("./room/main.js"),
  },
  { where: "[data-replay=page]", load: () => import("./replay/main.js") },
  {
    where: "[data-threads], [data-conversation], [data-picker]",
    ways: "[data-place=messages]",
    load: () => import("./messages/main.js"),
  },
  { where: "[data-recorder]:not([hidden])", ways: "[data-record]", load: loadRecorder },
  {
    where: "main.fleet, form[data-fleet-form]",
    ways: ".shelf__fleet",
    load: () => import("./fleets/main.js"),
  },
];

const waiting = new Set(AREAS);

/** @param {Area} area */
async function open(area) {
  if (!waiting.delete(area)) return;
  // On a line that broke off the next page, or the next touch, tries again.
  await area.load().catch(() => waiting.add(area));
}

/** @param {(area: Area) => boolean} areWanted */
function openThose(areWanted) {
  for (const area of [...waiting].filter(areWanted)) void open(area);
}

function onPage() {
  openThose(({ where }) => document.querySelector(where) !== null);
  for (const { invites } of waiting)
    if (invites) for (const one of document.querySelectorAll(invites)) seen.observe(one);
}

const seen = new IntersectionObserver((entries) => {
  const shown = entries.filter((entry) => entry.isIntersecting).map(({ target }) => target);
  openThose(({ invites }) => Boolean(invites) && shown.some((one) => one.matches(invites ?? "")));
  for (const one of shown) seen.unobserve(one);
});

/** @param {Event} event */
function onIntent(event) {
  const { target } = event;
  if (target instanceof Element) openThose(({ ways }) => Boolean(ways && target.closest(ways)));
}

/** Whether the recorder is there to hear a click. */
let canRecord = false;

async function loadRecorder() {
  await import("./voice/recorder.js");
  canRecord = true;
}

// Who presses before it has come is heard as soon as it has.
document.addEventListener("click", async (event) => {
  const button = /** @type {Element} */ (event.target).closest("[data-record]");
  if (canRecord || !(button instanceof HTMLElement)) return;
  await loadRecorder().then(
    () => button.click(),
    () => undefined,
  );
});

for (const kind of ["pointerover", "pointerdown", "focusin"])
  document.addEventListener(kind, onIntent, { passive: true });
window.addEventListener("parley:page", onPage);
document.addEventListener("htmx:afterSettle", onPage);
// The page comes first; what is in view may be wanted next.
if (document.readyState === "complete") onPage();
else window.addEventListener("load", onPage, { once: true });
