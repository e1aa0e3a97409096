/** Times in the viewer's own zone, and the wait until a scheduled Space, on any page. */

import { dateField, dayAndTime, dayHeading, timeOfDay, waiting, zoneName } from "./time_format.js";
import { serverClock } from "./net/server_clock.js";
import { h, write } from "./dom.js";

const TICK_MS = 15_000;
let isRunning = false;

/** @type {Record<string, (when: Date) => string>} */
const FORMATS = {
  when: (when) => dayAndTime(when, serverClock.date()),
  time: timeOfDay,
  zone: zoneName,
  weekday: (when) => dateField(when, "weekday"),
  day: (when) => dateField(when, "day"),
  month: (when) => dateField(when, "month"),
};

/**
 * Fill every `data-local="…"` from the `<time>` round it; what the server wrote stays where there
 * is no script.
 */
function writeTimes() {
  for (const element of document.querySelectorAll("[data-local]")) {
    const form = FORMATS[/** @type {HTMLElement} */ (element).dataset.local ?? ""];
    const when = new Date(element.closest("time")?.getAttribute("datetime") ?? "");
    if (form && !Number.isNaN(when.getTime())) write(element, form(when));
  }
  for (const element of document.querySelectorAll("[data-until]")) {
    const { until, due } = /** @type {HTMLElement} */ (element).dataset;
    const wait = Date.parse(until ?? "") - serverClock.now();
    if (element.matches("[data-room=countdown]"))
      write(element, wait > 0 ? waiting(wait) : (due ?? ""));
  }
}

/** Days of a timetable in the browser's zone, where the server could only know its own. */
function regroup() {
  for (const agenda of document.querySelectorAll("[data-agenda]")) {
    // The viewer's own zone is known: the server grouped by it.
    if (!agenda.querySelector('[data-local="time"]')) continue;
    for (const heading of agenda.querySelectorAll("[data-agenda-day]")) heading.remove();
    let last = "";
    for (const item of agenda.querySelectorAll(".agenda__item")) {
      const when = new Date(item.querySelector("time")?.getAttribute("datetime") ?? "");
      const text = dayHeading(when, serverClock.date());
      if (text !== last)
        item.before(h("h3", { class: "agenda__day", "data-agenda-day": true }, text));
      last = text;
    }
  }
}

export function startCountdowns() {
  writeTimes();
  regroup();
  if (isRunning) return;
  isRunning = true;
  setInterval(writeTimes, TICK_MS);
  document.addEventListener("htmx:afterSettle", writeTimes);
}
