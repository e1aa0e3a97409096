/**
 * What Spaces need on every page, before there is a room: cards that follow, countdowns, the form
 * of a new one; and a place where the room shows itself.
 */

import { startCountdowns } from "../local_times.js";
import { watchCards } from "./space_cards.js";
import { startSetup } from "./space_form.js";

/** @type {() => unknown} */
let look = () => null;

/** Tell how to look at the room of this browser. @param {() => unknown} how null without one */
export function inspectBy(how) {
  look = how;
}

function onPage() {
  startSetup();
  startCountdowns();
  watchCards();
}

window.addEventListener("parley:page", onPage);
window.addEventListener("pageshow", (event) => event.persisted && location.reload());

// For browser tests and for looking closer; a frozen view, so that nothing can be steered through
// it.
Object.defineProperty(window, "parley", {
  value: Object.freeze({
    get room() {
      return look();
    },
  }),
});

onPage();
