/**
 * The keys of the room (design README). Off while somebody types, and while a sheet is open.
 *
 * @import {RoomView} from "./view.js"
 */

import { digitOf, isHurried, keyOf, mayBeCommand, take } from "../keys.js";

/** @type {Record<string, (view: RoomView) => void>} */
const KEYS = {
  m: (view) => view.toggleMicrophone(),
  v: (view) => view.toggleCamera(),
  r: (view) => view.ask(),
  c: (view) => view.toggleCaptions(),
  p: (view) => view.togglePeople(),
  e: (view) => view.toggleReactions(),
  s: (view) => view.share(),
  "?": (view) => view.openKeys(),
};
const LEAVE = "l";
const ONCE = new Set(["r"]); // A second press would take back what the first has asked for.

/** After G the shell waits for a place (G S is "go to Spaces"), so the next key is not the room's. */
let isAfterG = false;

/** @param {KeyboardEvent} event @param {RoomView|null} view */
export function onKey(event, view) {
  if (!view || !mayBeCommand(event) || view.sheets.isOpen) return;
  const key = keyOf(event);
  const wasAfterG = isAfterG;
  isAfterG = key === "g";
  if (wasAfterG || isAfterG) return;
  if (key === "Escape") return void (view.closeTop() && take(event));
  const action = actionFor(event, key, view);
  if (!action) return;
  const isAgain = ONCE.has(key) && isHurried(event);
  take(event);
  if (!isAgain) action(view);
}

/**
 * @param {KeyboardEvent} event @param {string} key @param {RoomView} view
 * @returns {((view: RoomView) => void)|undefined}
 */
function actionFor(event, key, view) {
  const choice = Number(view.areReactionsOpen && digitOf(event));
  if (choice) return () => view.react(choice - 1);
  if (event.shiftKey && key === LEAVE) return () => view.leave();
  if (event.shiftKey && key !== "?") return undefined;
  return Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
}
