/**
 * Times as people read them: pure functions of an instant and "now", in the browser's own time
 * zone.
 */

import { dateLanguage, fill, gettext, language } from "./i18n.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** "48 min", "1 h 04 min". @param {number} ms */
export function duration(ms) {
  const minutes = Math.max(0, Math.floor(ms / MINUTE_MS));
  if (minutes < 60) return fill(gettext("%(minutes)s min"), { minutes });
  return fill(gettext("%(hours)s h %(minutes)s min"), {
    hours: Math.floor(minutes / 60),
    minutes: String(minutes % 60).padStart(2, "0"),
  });
}

/** "1:46", for the short waits. Never below 0:00. @param {number} ms */
export function countdown(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** "in 2 days", "in 3 h 05 min", "in 12 min". @param {number} ms */
export function waiting(ms) {
  if (ms < MINUTE_MS) return gettext("in less than a minute");
  if (ms >= 2 * DAY_MS) return fill(gettext("in %(days)s days"), { days: Math.round(ms / DAY_MS) });
  return fill(gettext("in %(time)s"), { time: duration(ms) });
}

/**
 * "Tomorrow, 19:00 WIB": the zone is named, so nobody has to guess whose clock it is.
 *
 * @param {Date} when @param {Date} [now]
 */
export function dayAndTime(when, now = new Date()) {
  return `${day(when, now)}, ${timeOfDay(when)} ${zoneName(when)}`;
}

/**
 * "Today", "Tomorrow", "Saturday" within the week, else "21 November".
 *
 * @param {Date} when
 * @param {Date} now
 */
export function day(when, now) {
  const midnight = (/** @type {Date} */ date) =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const days = Math.round((midnight(when) - midnight(now)) / DAY_MS);
  if (Math.abs(days) < 2)
    return capital(
      new Intl.RelativeTimeFormat(language(), { numeric: "auto" }).format(days, "day"),
    );
  const isNear = days > 0 && days < 7;
  return new Intl.DateTimeFormat(
    dateLanguage(),
    isNear ? { weekday: "long" } : { day: "numeric", month: "long" },
  ).format(when);
}

/** "Tomorrow, 21 November" @param {Date} when @param {Date} now */
export function dayHeading(when, now) {
  const date = new Intl.DateTimeFormat(dateLanguage(), { day: "numeric", month: "long" }).format(
    when,
  );
  const name = day(when, now);
  return name === date ? date : `${name}, ${date}`;
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toLocaleUpperCase(language()) + text.slice(1);
}

/**
 * One field of a date: "Sat", "21", "Nov".
 *
 * @param {Date} when
 * @param {"weekday"|"day"|"month"} field
 */
export function dateField(when, field) {
  return new Intl.DateTimeFormat(dateLanguage(), {
    [field]: field === "day" ? "numeric" : "short",
  }).format(when);
}

/** "19:00" @param {Date} when */
export function timeOfDay(when) {
  return new Intl.DateTimeFormat(dateLanguage(), {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).format(when);
}

/**
 * "WIB", "CET"; English only knows the letters of a few places, so Indonesian is asked for its own.
 *
 * @param {Date} when
 */
export function zoneName(when) {
  const names = [language(), "id"].map((locale) => {
    const parts = new Intl.DateTimeFormat(locale, { timeZoneName: "short" }).formatToParts(when);
    return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
  });
  return names.find((name) => /^[A-Z]{2,5}$/.test(name)) ?? names[0];
}
