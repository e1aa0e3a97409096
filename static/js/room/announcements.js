/**
 * What changes in a room in the words of a screen reader: the difference of two states. What stands
 * in a banner or a notice is said there.
 *
 * @import {Room} from "./room.js"
 * @import {RoomState} from "./state.js"
 * @import {Seat, ServerMessage} from "./messages.js"
 */

import { announce } from "../announcer.js";
import { fill, firstName, gettext } from "../i18n.js";
import { isHostOrCohost, mySeat, sends } from "./selectors.js";

/**
 * Tell of every change of this room from now on.
 *
 * @param {Room} room
 * @returns {(message: ServerMessage) => void} for each message that has changed its state
 */
export function announceChanges(room) {
  /** @type {RoomState|null} */
  let before = null;
  return ({ type }) => {
    const after = room.state;
    // Who becomes co-host finds a queue, which is no news.
    if (before && after && type !== "requests.changed")
      for (const text of changes(before, after, room.address.blocked)) announce(text);
    before = after;
  };
}

/**
 * @param {RoomState} before
 * @param {RoomState} after
 * @param {Set<number>} blocked of whom this viewer does not want to hear
 * @returns {string[]}
 */
export function changes(before, after, blocked) {
  if (before === after || after.ending || after.removed || after.replaced) return [];
  return [
    ...ofMe(before, after),
    ...ofOthers(before, after, blocked),
    ...ofRequests(before, after),
    ...ofSpace(before, after),
  ];
}

/** @param {RoomState} before @param {RoomState} after @returns {string[]} */
function ofMe(before, after) {
  const [had, seat] = [mySeat(before), mySeat(after)];
  if (!seat) return had ? [gettext("You are a listener now.")] : answerToRequest(before, after);
  if (!had) return seat.role === "host" ? [] : [welcome(after)];
  return [
    isAlike(had, seat, "mic") ? "" : ofMyMicrophone(seat),
    isAlike(had, seat, "camera") ? "" : ofMyCamera(seat),
    had.screen === seat.screen
      ? ""
      : seat.screen
        ? gettext("You share your screen")
        : gettext("Your screen is not shared any more"),
    had.role === seat.role ? "" : myRole(seat.role),
    after.space.mics_locked === before.space.mics_locked
      ? ""
      : after.space.mics_locked
        ? gettext("The host has locked the microphones")
        : gettext("The host has unlocked the microphones"),
  ].filter(Boolean);
}

/** @param {Seat} had @param {Seat} seat @param {"mic"|"camera"} source */
function isAlike(had, seat, source) {
  return had[source] === seat[source] && sends(had, source) === sends(seat, source);
}

/** Whom the host has muted gets a notice, which is said there. @param {Seat} seat */
function ofMyMicrophone(seat) {
  if (seat.mic)
    return sends(seat, "mic")
      ? gettext("Your microphone is on")
      : gettext("Your microphone is interrupted");
  const isByOther = seat.muted_by !== null && seat.muted_by !== seat.user.id;
  return isByOther ? "" : gettext("You are muted");
}

/** @param {Seat} seat */
function ofMyCamera(seat) {
  if (!seat.camera) return gettext("Your camera is off");
  return sends(seat, "camera")
    ? gettext("Your camera is on")
    : gettext("Your camera is interrupted");
}

/** @param {RoomState} state */
function welcome({ space }) {
  return space.mics_locked
    ? gettext("You are on stage. The host keeps the microphones closed for now.")
    : gettext("You are on stage. Tap to talk when you are ready.");
}

/** @param {RoomState} before @param {RoomState} after */
function answerToRequest(before, after) {
  const isDeclined =
    before.me.request && !after.me.request && after.me.may_request_at !== before.me.may_request_at;
  return isDeclined && after.me.may_request_at ? [gettext("Your request was declined.")] : [];
}

/** @param {Seat["role"]} role */
function myRole(role) {
  return {
    host: gettext("You are hosting now."),
    cohost: gettext("You are co-host now."),
    speaker: gettext("You are a speaker now."),
  }[role];
}

/**
 * @param {RoomState} before
 * @param {RoomState} after
 * @param {Set<number>} blocked
 * @returns {string[]}
 */
function ofOthers(before, after, blocked) {
  const me = after.me.user?.id;
  const isHeardOf = (/** @type {Seat} */ { user }) => user.id !== me && !blocked.has(user.id);
  const had = new Map(before.stage.map((seat) => [seat.user.id, seat]));
  const has = new Set(after.stage.map((seat) => seat.user.id));
  const news = after.stage
    .filter(isHeardOf)
    .map((seat) => [seat, ofSeat(had.get(seat.user.id), seat)]);
  const gone = before.stage
    .filter((seat) => isHeardOf(seat) && !has.has(seat.user.id))
    .map((seat) => [seat, gettext("%(name)s left the stage.")]);
  return /** @type {[Seat, string][]} */ ([...news, ...gone])
    .filter(([, text]) => text)
    .map(([seat, text]) => fill(text, { name: firstName(seat.user.name) }));
}

/** @param {Seat|undefined} had @param {Seat} seat */
function ofSeat(had, seat) {
  if (!had) return gettext("%(name)s is on stage.");
  if (had.role !== seat.role)
    return {
      host: gettext("%(name)s is hosting now."),
      cohost: gettext("%(name)s is co-host now."),
      speaker: gettext("%(name)s is a speaker now."),
    }[seat.role];
  return seat.screen && !had.screen ? gettext("%(name)s shares a screen.") : "";
}

/** @param {RoomState} before @param {RoomState} after */
function ofRequests(before, after) {
  if (!isHostOrCohost(after)) return [];
  const had = new Set(before.requests.map(({ user }) => user.id));
  return after.requests
    .filter(({ user }) => !had.has(user.id))
    .map(({ user }) => fill(gettext("%(name)s asks to speak"), { name: firstName(user.name) }));
}

/** @param {RoomState} was @param {RoomState} is */
function ofSpace(was, is) {
  const { space: before } = was;
  const { space: after } = is;
  if (before.recording === after.recording) {
    if (!after.recording || !was.recordingTrouble === !is.recordingTrouble) return [];
    return [
      is.recordingTrouble ? gettext("The recording is paused") : gettext("The recording goes on"),
    ];
  }
  return [
    after.recording
      ? gettext("This Space is being recorded")
      : gettext("This Space is not recorded any more"),
  ];
}
