/**
 * Words people read: Django's catalogue where the page has loaded it (`/jsi18n/`), else English as
 * written.
 */

/** @type {any} any: the catalogue script adds its functions to the window, untyped. */
const page = globalThis;

/** @param {string} text */
export function gettext(text) {
  return page.gettext ? String(page.gettext(text)) : text;
}

/** @param {string} one @param {string} many @param {number} count */
export function ngettext(one, many, count) {
  if (page.ngettext) return String(page.ngettext(one, many, count));
  return count === 1 ? one : many;
}

/**
 * Put `values` into the `%(name)s` places of a translated text, each isolated from it.
 *
 * @param {string} text @param {Record<string, string|number>} values
 */
export function fill(text, values) {
  return text.replace(/%\((\w+)\)[sd]/g, (whole, name) =>
    name in values ? isolated(String(values[name])) : whole,
  );
}

// As config/text.py, which says why.
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * People's words in a sentence of ours, which they must not turn around.
 *
 * @param {string} text
 */
export function isolated(text) {
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
}

/** The page's language, for `Intl`. */
export function language() {
  return globalThis.document?.documentElement.lang || "en";
}

/**
 * The same for days and hours: English for everybody has the day before the month, as the server
 * (config/formats).
 */
export function dateLanguage() {
  return language() === "en" ? "en-GB" : language();
}

/** "3rd" where the language has it, else the bare figure. @param {number} place */
export function ordinal(place) {
  if (!language().startsWith("en")) return String(place);
  const kind = new Intl.PluralRules("en", { type: "ordinal" }).select(place);
  const endings = { one: "st", two: "nd", few: "rd", other: "th", zero: "th", many: "th" };
  return `${place}${endings[kind]}`;
}

const SHORT_CHARS = 9; // Fits under a face.

/**
 * A name in passing: a short one whole, of a longer one the first word.
 *
 * @param {string} name
 */
export function firstName(name) {
  return name.length <= SHORT_CHARS ? name : name.split(/\s+/)[0] || name;
}
