/**
 * Brings a replay's page to life when it is shown, and lets it go when another page comes
 * (static/js/shell.js).
 */

import "../shared.js";
import { write } from "../dom.js";
import { hasModifier, isTyping, keyOf, take } from "../keys.js";
import { ClipForm } from "./clip_form.js";
import { Player, onPress } from "./player.js";
import { clock } from "./timeline.js";
import { Transcript } from "./transcript.js";

/** @type {{root: HTMLElement, player: Player, transcript: Transcript}|null} */
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
  const transcript = new Transcript(root, (ms) => player.playFrom(ms));
  const startField = /** @type {HTMLInputElement|null} */ (
    root.querySelector('[data-replay="start-ms"]')
  );
  const startText = root.querySelector('[data-replay="start-text"]');
  /** @type {ClipForm|null} */ let clipForm = null;
  const player = new Player(root, () => {
    const ms = shownMs(root);
    transcript.show(ms);
    clipForm?.onTime(ms);
    if (startField) startField.value = String(Math.round(ms));
    if (startText) write(startText, clock(ms));
  });
  clipForm = new ClipForm(root, player);
  onPress(root, "cc", () => toggleCaptions(transcript, player));
  shown = { root, player, transcript };
}

/** @param {HTMLElement} root */
function shownMs(root) {
  return (root.querySelector("video")?.currentTime ?? 0) * 1000;
}

/** @param {Transcript} transcript @param {Player} player */
function toggleCaptions(transcript, player) {
  transcript.toggle();
  transcript.show(player.ms);
}

document.addEventListener("keydown", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (!shown || event.defaultPrevented || event.isComposing || hasModifier(event)) return;
  if (isTyping(target) || target.closest("dialog")) return;
  // Space presses the button that has the focus, and a slider moves by its own keys.
  if (event.key === " " && target.closest("button, a, summary")) return;
  if (target.matches("input[type=range]") && /^(Arrow|Home|End)/.test(event.key)) return;
  if (keyOf(event) === "c" && !event.shiftKey && !event.repeat)
    toggleCaptions(shown.transcript, shown.player);
  else if (!shown.player.onKey(event)) return;
  take(event);
});

window.addEventListener("parley:page", onPage);
onPage();
