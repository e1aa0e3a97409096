/**
 * Times as people read them: pure functions of an instant and "now", in the browser's own time
 * zone.
 */

import { dateLanguage, fill, gettext, language, ngettext } from "./i18n.js";

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;
const MINUTE_MS = 1000 * MINUTE_S;
const DAY_MS = 1000 * DAY_S;

/** "48 min", "1 h 04 min". @param {number} ms */
export function duration(ms) {
  const minutes = Math.max(0, Math.floor(ms / MINUTE_MS));
  if (minutes < 60) return fill(gettext("%(minutes)s min"), { minutes });
  return fill(gettext("%(hours)s h %(minutes)s min"), {
    hours: Math.floor(minutes / 60),
    minutes: String(minutes % 60).padStart(2, "0"),
  });
}

/**
 * "30 days", "24 hours", "90 minutes": a limit as the server writes it (config/rendering/durations.py).
 *
 * A day is written as hours, since a limit of a day is meant to the hour.
 *
 * @param {number} seconds
 */
export function inWords(seconds) {
  if (seconds >= 2 * DAY_S && seconds % DAY_S === 0) {
    const n = seconds / DAY_S;
    return fill(ngettext("%(n)s day", "%(n)s days", n), { n });
  }
  if (seconds >= HOUR_S && seconds % HOUR_S === 0) {
    const n = seconds / HOUR_S;
    return fill(ngettext("%(n)s hour", "%(n)s hours", n), { n });
  }
  if (seconds >= MINUTE_S && seconds % MINUTE_S === 0) {
    const n = seconds / MINUTE_S;
    return fill(ngettext("%(n)s minute", "%(n)s minutes", n), { n });
  }
  return fill(ngettext("%(n)s second", "%(n)s seconds", seconds), { n: seconds });
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
 * @param {Date} when @param {Date} now
 */
export function dayAndTime(when, now) {
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
