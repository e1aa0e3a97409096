/** Times in the viewer's own zone, and the wait until a scheduled Space, on any page. */

import { dateField, dayAndTime, timeOfDay, waiting, zoneName } from "./clock.js";
import { write } from "./view/dom.js";

const TICK_MS = 15_000;
let isRunning = false;

/** @type {Record<string, (when: Date) => string>} */
const FORMS = {
  when: (when) => dayAndTime(when), time: timeOfDay, zone: zoneName,
  weekday: (when) => dateField(when, "weekday"), day: (when) => dateField(when, "day"), month: (when) => dateField(when, "month"),
};

/** Fill every `data-local="…"` from the `<time>` round it; what the server wrote stays where there is no script. */
function writeTimes() {
  for (const element of document.querySelectorAll("[data-local]")) {
    const form = FORMS[/** @type {HTMLElement} */ (element).dataset.local ?? ""];
    const when = new Date(element.closest("time")?.getAttribute("datetime") ?? "");
    if (form && !Number.isNaN(when.getTime())) write(element, form(when));
  }
  for (const element of document.querySelectorAll("[data-until]")) {
    const wait = Date.parse(/** @type {HTMLElement} */ (element).dataset.until ?? "") - Date.now();
    if (element.matches("[data-room=countdown]")) write(element, wait > 0 ? waiting(wait) : (/** @type {HTMLElement} */ (element).dataset.due ?? ""));
  }
}

export function startCountdowns() {
  writeTimes();
  if (isRunning) return;
  isRunning = true;
  setInterval(writeTimes, TICK_MS);
  document.addEventListener("htmx:afterSettle", writeTimes);
}
