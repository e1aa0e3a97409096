/**
 * The device around the room: lock-screen controls, and a screen that stays on for people on stage.
 *
 * @import {Room} from "./room.js"
 */

import { mySeat } from "./selectors.js";

/** @type {WakeLockSentinel|null} */
let lock = null;
let isWanted = false;

/**
 * The screen stays on while on stage; the browser takes the lock back with every hidden tab, so ask
 * again then.
 */
export function keepAwake() {
  if (isWanted) return;
  isWanted = true;
  takeLock();
}

export function letSleep() {
  isWanted = false;
  lock?.release();
  lock = null;
}

async function takeLock() {
  if (!isWanted || document.hidden || !("wakeLock" in navigator)) return;
  // Refused on low battery; the room works as well without.
  lock = await navigator.wakeLock.request("screen").catch(() => null);
  if (!isWanted) letSleep();
}

document.addEventListener("visibilitychange", takeLock);

let shownTitle = "";

/** @param {Room} room */
export function showOnLockScreen(room) {
  const { mediaSession: session } = navigator;
  if (!session) return;
  if (!room.isIn || !room.state) return clear(session);
  const { space } = room.state;
  session.playbackState = room.pageState.isSilent ? "paused" : "playing";
  const seat = mySeat(room.state);
  session.setMicrophoneActive?.(Boolean(seat?.mic));
  session.setCameraActive?.(Boolean(seat?.camera));
  if (shownTitle === space.title) return;
  shownTitle = space.title;
  session.metadata = new MediaMetadata({
    title: space.title,
    artist: space.host.name,
    album: "Parley",
    artwork: [{ src: new URL(space.host.avatar, location.href).href }],
  });
  handle(session, "play", () => room.setSilent(false));
  handle(session, "pause", () => room.setSilent(true));
  handle(session, "stop", () => room.leave());
  handle(session, "hangup", () => room.leave());
  handle(session, "togglemicrophone", () => toggle(room, "mic"));
  handle(session, "togglecamera", () => toggle(room, "camera"));
}

/** @param {Room} room @param {"mic"|"camera"} what */
function toggle(room, what) {
  const seat = room.state && mySeat(room.state);
  if (!seat) return;
  if (what === "mic") room.publisher.toggleMicrophone();
  else room.publisher.toggleCamera();
}

/** @param {MediaSession} session */
function clear(session) {
  if (!shownTitle) return;
  shownTitle = "";
  session.metadata = null;
  session.playbackState = "none";
}

/** @param {MediaSession} session @param {string} action @param {() => void} onAction */
function handle(session, action, onAction) {
  try {
    session.setActionHandler(/** @type {MediaSessionAction} */ (action), onAction);
  } catch {
    // A browser that does not know this button throws a TypeError; it simply has no such button.
  }
}
