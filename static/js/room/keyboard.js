/**
 * The keys of the room (design README). Off while typing, with a modifier, and while a sheet is
 * open.
 *
 * @import {RoomView} from "./view.js"
 */

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

const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

/** After G the shell waits for a place (G S is "go to Spaces"), so the next key is not the room's. */
let isAfterG = false;

/** @param {KeyboardEvent} event @param {RoomView|null} view */
export function onKey(event, view) {
  if (!view || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target instanceof Element && event.target.closest(TYPING)) return;
  if (view.sheets.isOpen) return;
  const wasAfterG = isAfterG;
  isAfterG = event.key === "g";
  if (wasAfterG || isAfterG) return;
  if (event.key === "Escape") return void (view.closeTop() && event.preventDefault());
  if (event.key === "L" && event.shiftKey) return view.leave();
  if (view.areReactionsOpen && /^[1-9]$/.test(event.key)) return view.react(Number(event.key) - 1);
  const action = KEYS[event.key.toLowerCase()];
  if (!action || (event.shiftKey && event.key !== "?")) return;
  event.preventDefault();
  action(view);
}
