/**
 * Questions about a room that several parts of the page ask. Pure; no DOM.
 *
 * @import {RoomState} from "./state.js"
 * @import {Privilege, Person, Seat, Source} from "./messages.js"
 */

import { assigned } from "./state.js";

/** @param {RoomState} state */
export function mySeat(state) {
  const id = state.me.user?.id;
  return id === undefined ? undefined : seatOf(state, id);
}

/** @param {RoomState} state @param {number|null|undefined} user @returns {Seat|undefined} */
export function seatOf(state, user) {
  return user === null || user === undefined
    ? undefined
    : state.stage.find((seat) => seat.user.id === user);
}

/**
 * True while others hear or see this of somebody: it is on, and their system has not taken it.
 *
 * @param {Seat} seat @param {Source} source
 */
export function sends(seat, source) {
  return seat[source] && !seat.interrupted.includes(source);
}

/** True if the server lets this person do `action`. @param {RoomState} state @param {Privilege} action */
export function may(state, action) {
  return state.me.can.includes(action);
}

/**
 * A listener with an account, while requests are on or free seats are open to all.
 *
 * @param {RoomState} state
 */
export function mayRequest({ me, space, stage }) {
  const isOnStage = stage.some((seat) => seat.user.id === me.user?.id);
  return (
    Boolean(me.user) &&
    !isOnStage &&
    space.state === "live" &&
    (space.requests_open || space.speak_rule !== "invited")
  );
}

/**
 * What of mine others miss while what I send arrives badly; null when all is well or nothing is
 * sent.
 *
 * @param {RoomState} state
 * @returns {"picture"|"voice"|null}
 */
export function poorlySent(state) {
  const seat = mySeat(state);
  if (!seat || state.sending !== "poor") return null;
  if (seat.camera || seat.screen) return "picture";
  return seat.mic ? "voice" : null;
}

/** @param {RoomState} state */
export function isOnStage(state) {
  return mySeat(state) !== undefined;
}

/** Host and co-hosts see the queue. @param {RoomState} state */
export function isHostOrCohost(state) {
  return state.me.role === "host" || state.me.role === "cohost";
}

/** Everyone in the room, those on stage counted with the listeners. @param {RoomState} state */
export function participantCount(state) {
  return state.stage.length + state.listeners.count;
}

/**
 * Whose name, face or picture the main frame shows (RULES §7), and whether the video slot carries
 * that person now.
 *
 * The viewer's pin, then the host's spotlight, then the active speaker; in silence the last of
 * them. Never the viewer while others are on stage, nor the picture of a person whom they blocked.
 *
 * @param {RoomState} state
 * @param {{pinned: number|null, last: number|null, blocked?: Set<number>}} viewer `last` is who the
 *   frame showed before
 * @returns {{seat: Seat|undefined, isPicture: boolean, isPicturePending: boolean}}
 */
export function mainPicture(state, viewer) {
  const slots = assigned(state);
  const me = state.me.user?.id ?? null;
  const order = [
    viewer.pinned,
    state.space.spotlight,
    slots.active,
    viewer.last,
    slots.video,
    state.space.host.id,
  ];
  const isBlocked = (/** @type {number} */ id) => viewer.blocked?.has(id) ?? false;
  const others = state.stage
    .filter((seat) => seat.user.id !== me)
    .sort((a, b) => Number(isBlocked(a.user.id)) - Number(isBlocked(b.user.id)));
  const chosen = order.find(
    (id) => id !== null && id !== me && !isBlocked(id) && seatOf(state, id),
  );
  const seat = seatOf(state, chosen) ?? others[0] ?? state.stage[0];
  if (!seat || isBlocked(seat.user.id)) return { seat, isPicture: false, isPicturePending: false };
  const hasCamera = sends(seat, "camera") && seat.user.id !== me && state.space.video;
  const isPicture = hasCamera && slots.video === seat.user.id;
  return { seat, isPicture, isPicturePending: hasCamera && !isPicture };
}

/**
 * Who shares a screen that this viewer's slot carries; not the viewer, nor a person they blocked.
 *
 * @param {RoomState} state
 * @param {Set<number>} [blocked]
 */
export function sharedScreen(state, blocked) {
  const seat = seatOf(state, assigned(state).screen);
  return seat?.screen && seat.user.id !== state.me.user?.id && !blocked?.has(seat.user.id)
    ? seat
    : undefined;
}

/**
 * Everyone this page has seen by name, so that a caption or a reaction finds its face.
 *
 * @param {RoomState} state
 */
export function peopleById(state) {
  /** @type {Map<number, Person>} */
  const people = new Map();
  for (const person of state.listeners.sample) people.set(person.id, person);
  for (const request of state.requests) people.set(request.user.id, request.user);
  for (const seat of state.stage) people.set(seat.user.id, seat.user);
  return people;
}
