// @ts-check
/**
 * Which key somebody meant, on any layout, and whether it is a command at all. Every single-key
 * command of the site asks here.
 */

const LATIN = /^\p{Script=Latin}$/u;
const OTHER_LETTER = /^[\p{L}\p{M}]+$/u; // Of a script without our letters; vowel signs too.
const TYPING =
  "input:not([type=checkbox], [type=radio], [type=range], [type=button], [type=submit])," +
  " textarea, select, [contenteditable]:not([contenteditable=false])";
const BY_METHOD = "Process"; // An input method has the key and does not say what it makes of it.
/** What these positions are where the letters are Latin. @type {Record<string, [string, string]>} */
const SIGNS = { Comma: [",", "<"], Period: [".", ">"], Slash: ["/", "?"] };
/** @type {Record<string, string>} */
const SAME_SIGN = { "؟": "?", "？": "?" };
const HURRY_MS = 600;

/**
 * The parts of a key press that say what was meant.
 *
 * @typedef {Pick<KeyboardEvent, "key"|"code"|"shiftKey">} Press
 */

/**
 * "m", "?", "3", "ArrowLeft": a Latin letter as it is written, so that AZERTY and Dvorak keep
 * theirs; where the layout has other letters, the one at that place of the keyboard.
 *
 * @param {Press} press
 */
export function keyOf({ key, code, shiftKey }) {
  if (LATIN.test(key)) return key.toLowerCase();
  if (key in SAME_SIGN) return SAME_SIGN[key];
  // Names of keys, such as "Enter", are Latin words; digits and signs are what they are.
  const isOther = OTHER_LETTER.test(key) && !/\p{Script=Latin}/u.test(key);
  if (!isOther && key !== BY_METHOD) return key;
  const [, letter] = /^Key([A-Z])$/.exec(code) ?? [];
  return letter?.toLowerCase() ?? SIGNS[code]?.[shiftKey ? 1 : 0] ?? key;
}

/**
 * The digit of a press, by its place where the layout has none there without Shift (AZERTY) or
 * writes other figures; "" for anything else.
 *
 * @param {Press} press
 */
export function digitOf({ key, code, shiftKey }) {
  if (/^[0-9]$/.test(key)) return key;
  const [, digit] = /^(?:Digit|Numpad)([0-9])$/.exec(code) ?? [];
  return digit && !shiftKey && [...key].length === 1 ? digit : "";
}

/**
 * Whether a press may be a command: nobody is writing, nothing is held beside it, and another part
 * of the page has not taken it.
 *
 * @param {KeyboardEvent} event
 */
export function mayBeCommand(event) {
  return (
    !event.defaultPrevented &&
    !event.isComposing &&
    !event.repeat &&
    !hasModifier(event) &&
    !isTyping(event.target)
  );
}

/** Shift is none: it makes another sign. @param {KeyboardEvent} event */
export function hasModifier(event) {
  return (
    event.ctrlKey || event.metaKey || event.altKey || Boolean(event.getModifierState?.("AltGraph"))
  );
}

/** @param {EventTarget|null} target */
export function isTyping(target) {
  return target instanceof Element && target.closest(TYPING) !== null;
}

let last = { key: "", at: -Infinity, isHeld: false };

/**
 * The press was a command: the browser does nothing of its own with it, and what it opens does not
 * have it typed into.
 *
 * @param {KeyboardEvent} event
 */
export function take(event) {
  event.preventDefault();
  last = { key: keyOf(event), at: event.timeStamp, isHeld: true };
}

/**
 * Whether the same key was a command a moment ago: people who press it three times mean it once.
 *
 * @param {KeyboardEvent} event
 */
export function isHurried(event) {
  return keyOf(event) === last.key && event.timeStamp - last.at < HURRY_MS;
}

/** A command has moved the focus into a field: the rest of its presses are no text. @param {KeyboardEvent} event */
export function keepOut(event) {
  if (keyOf(event) !== last.key) {
    last = { key: "", at: -Infinity, isHeld: false };
    return;
  }
  if (last.key.length !== 1 || !isTyping(event.target)) return; // "Escape" is no text anywhere.
  if (!isHurried(event) && !(event.repeat && last.isHeld)) return;
  if (!event.repeat) last.at = event.timeStamp;
  event.preventDefault();
  event.stopPropagation();
}

if (globalThis.document) {
  document.addEventListener("keydown", keepOut, true);
  document.addEventListener("keyup", () => (last.isHeld = false), true);
}
