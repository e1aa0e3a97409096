// @ts-check
/**
 * What a screen reader is told of, one sentence after the other. A live region is read when it
 * changes, so it is emptied before each sentence: the same words twice are heard twice.
 */

const EMPTY_MS = 100; // Screen readers look at what has changed about every tenth of a second.
const STAY_MS = 900; // Long enough to be picked up before the next takes its place.
const MOST_WAITING = 8; // More would be told long after they were true.

export class Announcer {
  /** @type {string[]} */ #waiting = [];
  #isBusy = false;

  /** @param {() => {textContent: string|null}} place where the live region is now */
  constructor(place) {
    this.place = place;
  }

  /** @param {string|null|undefined} text */
  say(text) {
    if (!text) return;
    this.#waiting.push(text);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    if (!this.#isBusy) this.#next();
  }

  #next() {
    const region = this.place();
    region.textContent = "";
    const text = this.#waiting.shift();
    this.#isBusy = text !== undefined;
    if (text === undefined) return;
    setTimeout(() => {
      region.textContent = text;
      setTimeout(() => this.#next(), STAY_MS);
    }, EMPTY_MS);
  }
}

/** @type {HTMLElement|null} */
let region = null;

/**
 * Under a modal dialog the page does not exist for a screen reader, so the region goes where the
 * reader is.
 */
function place() {
  region ??= document.getElementById("announcer") ?? document.createElement("p");
  const home = [...document.querySelectorAll("dialog:modal")].at(-1) ?? document.body;
  if (region.parentElement !== home) home.append(region);
  return region;
}

const announcer = new Announcer(place);

/** Let a screen reader say it. Nothing is shown. @param {string|null|undefined} text */
export function announce(text) {
  announcer.say(text);
}
