/** Brings a replay's page to life when it is shown, and lets it go when another page comes (static/js/shell.js). */

import { write } from "../dom.js";
import { Clipper } from "./clip_form.js";
import { Player, on } from "./player.js";
import { clock } from "./timeline.js";
import { Words } from "./transcript.js";

const TYPING =
  "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable], dialog";

/** @type {{root: HTMLElement, player: Player, words: Words}|null} */
let shown = null;

function onPage() {
  const root = document.querySelector('[data-replay="page"]');
  if (shown && shown.root !== root) {
    shown.player.close();
    shown = null;
  }
  if (root instanceof HTMLElement && !shown) show(root);
}

/** @param {HTMLElement} root */
function show(root) {
  const words = new Words(root, (ms) => player.playFrom(ms));
  const startField = /** @type {HTMLInputElement|null} */ (
    root.querySelector('[data-replay="start-ms"]')
  );
  const startText = root.querySelector('[data-replay="start-text"]');
  /** @type {Clipper|null} */ let clipper = null;
  const player = new Player(root, () => {
    const ms = shownMs(root);
    words.show(ms);
    clipper?.onTime(ms);
    if (startField) startField.value = String(Math.round(ms));
    if (startText) write(startText, clock(ms));
  });
  clipper = new Clipper(root, player);
  on(root, "cc", () => toggleCaptions(words, player));
  shown = { root, player, words };
}

/** @param {HTMLElement} root */
function shownMs(root) {
  return (root.querySelector("video")?.currentTime ?? 0) * 1000;
}

/** @param {Words} words @param {Player} player */
function toggleCaptions(words, player) {
  words.toggle();
  words.show(player.ms);
}

document.addEventListener("keydown", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (
    !shown ||
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    event.defaultPrevented ||
    target.closest(TYPING)
  )
    return;
  // Space presses the button that has the focus, and a slider moves by its own keys.
  if (event.key === " " && target.closest("button, a, summary")) return;
  if (target.matches("input[type=range]") && /^(Arrow|Home|End)/.test(event.key)) return;
  if (event.key === "c") toggleCaptions(shown.words, shown.player);
  else if (!shown.player.onKey(event)) return;
  event.preventDefault();
});

window.addEventListener("parley:page", onPage);
onPage();
