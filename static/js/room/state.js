/**
 * What a browser knows of a room: a pure fold over the messages of spaces/PROTOCOL.md. No DOM, no
 * socket, no clock.
 *
 * @import {
 *   Assigned, CaptionMessage, Captions, Listeners, Me, Person, Pin, Seat, ServerMessage,
 *   SnapshotMessage, Space, SpaceEndedMessage, SpeakRequest
 * } from "./messages.js"
 */

/**
 * One line of what was said; `past` says that it was said before this page was there.
 *
 * @typedef {Omit<CaptionMessage, "type"> & {past?: boolean}} Caption
 */
/** @typedef {Pick<SpaceEndedMessage, "by"|"reason"|"listened"|"spoke">} Ending */

/**
 * @typedef {object} RoomState
 * @property {number} rev newest change that is applied
 * @property {number} snapshotRev `rev` of the snapshot below the events; its own events must not be
 *   applied again
 * @property {number} wantedRev newest change that is known to exist; above `rev` when something was
 *   missed
 * @property {Space} space
 * @property {Me} me
 * @property {Seat[]} stage host, co-hosts, then by arrival
 * @property {SpeakRequest[]} requests in line, empty unless host or co-host
 * @property {Listeners} listeners
 * @property {Assigned} room what the room's shared slots carry
 * @property {Assigned|null} personal what this connection's own slots carry; wins over `room`
 * @property {Pin[]} pins
 * @property {Captions} captions
 * @property {Caption[]} lines newest last
 * @property {boolean} wasRecorded there will be a replay
 * @property {string} recordingTrouble why the recording fails, "" while it does not
 * @property {Person|null} unmuteAsked who asks me to un-mute
 * @property {"good"|"poor"|"audio_only"} health of the way from the relay
 * @property {"good"|"poor"} sending how well what this person sends arrives there
 * @property {Ending|null} ending
 * @property {boolean} removed
 * @property {boolean} replaced
 * @property {boolean} loggedOut this page was here by a log-in that has ended
 */

const ROLE_RANK = { host: 0, cohost: 1, speaker: 2 };
const CAPTION_LINES = 300; // About half an hour of talk to scroll back through.

/** @typedef {(state: RoomState, message: ServerMessage) => RoomState} Reducer */

/**
 * What is no event of the room: answers, the snapshot and the heartbeat, which `reduce` takes by
 * themselves, and reactions, which are shown once and kept nowhere.
 *
 * @typedef {"ok"|"error"|"people"|"bans"|"left"|"space.snapshot"|"pong"|"reactions"} NoEvent
 */

/**
 * One for each event, none left out: the type checker names the event that is not here.
 *
 * @type {{[T in Exclude<ServerMessage["type"], NoEvent>]:
 *   (state: RoomState, message: Extract<ServerMessage, {type: T}>) => RoomState}}
 */
const REDUCERS = {
  "rev": (state) => state,
  "space.changed": (state, { space }) => ({
    ...state,
    space,
    wasRecorded: state.wasRecorded || space.recording,
    recordingTrouble: space.recording ? state.recordingTrouble : "",
  }),
  "seat.changed": (state, { seat }) => ({
    ...state,
    stage: seated(state.stage, seat),
    unmuteAsked: answers(state, seat) ? null : state.unmuteAsked,
  }),
  "seat.removed": (state, { user }) => ({
    ...state,
    stage: state.stage.filter((seat) => seat.user.id !== user),
  }),
  "me.changed": (state, { me }) => ({
    ...state,
    me,
    unmuteAsked: me.role === state.me.role ? asking(state, me) : null,
  }),
  "requests.changed": (state, { requests }) => ({ ...state, requests }),
  "request.added": (state, { request }) => ({
    ...state,
    requests: queued(state.requests, request),
  }),
  "request.removed": (state, { user }) => ({ ...state, requests: unqueued(state.requests, user) }),
  "invitation.received": (state, { role, by, expires_at }) => ({
    ...state,
    me: { ...state.me, invitation: { role, by, expires_at } },
  }),
  "unmute.asked": (state, { by }) => ({ ...state, unmuteAsked: by }),
  "host.offered": (state, { by, expires_at }) => ({
    ...state,
    me: { ...state.me, invitation: { role: "host", by, expires_at } },
  }),
  "host.changed": (state, { host, acting_host }) => ({
    ...state,
    space: { ...state.space, host, acting_host },
  }),
  "host.lost": (state, { until }) => ({
    ...state,
    space: { ...state.space, host_lost_until: until },
  }),
  "listeners.changed": (state, { count, sample }) => ({
    ...state,
    listeners: { count, sample: sample ?? state.listeners.sample },
  }),
  "media.offer": (state, { assigned }) => withOffer(state, assigned),
  // A new connection has a path of its own, and the relay speaks of changes only.
  "media.connected": (state) => ({ ...state, health: "good", sending: "good" }),
  "media.closed": (state) => ({ ...state, personal: null, health: "good", sending: "good" }),
  "media.health": (state, { level, sending }) => ({ ...state, health: level, sending }),
  "speaker.changed": (state, { assigned, personal }) => ({
    ...state,
    [personal ? "personal" : "room"]: assigned,
  }),
  "pin.added": (state, { pin }) => ({
    ...state,
    pins: [...state.pins.filter((one) => one.id !== pin.id), pin],
  }),
  "pin.removed": (state, { pin }) => ({
    ...state,
    pins: state.pins.filter((one) => one.id !== pin),
  }),
  "pins.changed": (state, { pins }) => ({ ...state, pins }),
  "person.changed": (state, { person }) => renamed(state, person),
  "caption": (state, message) => ({ ...state, lines: captioned(state.lines, message) }),
  "captions": (state, { available, status, reason, lines }) => ({
    ...state,
    captions: { available, status, reason },
    lines: recalled(state.lines, lines),
  }),
  "captions.status": (state, { available, status, reason }) => ({
    ...state,
    captions: { available, status, reason },
    // Words that the engine did not finish before it went are nobody's live words.
    lines: available ? state.lines : state.lines.filter((line) => line.final),
  }),
  "consent.needed": (state, { expires_at }) => ({
    ...state,
    me: { ...state.me, consent: { given: false, expires_at } },
  }),
  "recording.failed": (state, { reason }) => ({ ...state, recordingTrouble: reason || "failed" }),
  "recording.resumed": (state) => ({ ...state, recordingTrouble: "" }),
  "removed": (state) => ({ ...state, removed: true }),
  "replaced": (state) => ({ ...state, replaced: true }),
  "space.ended": (state, { by, reason, listened, spoke }) => ({
    ...state,
    space: { ...state.space, state: reason === "cancelled" ? "cancelled" : "ended" },
    ending: { by, reason, listened, spoke },
  }),
};

/**
 * Return the state after one message from the server; the very same object if it changes nothing.
 *
 * `null` is a room of which nothing is known yet: everything before the first snapshot is dropped.
 *
 * @param {RoomState|null} state
 * @param {ServerMessage} message
 * @returns {RoomState|null}
 */
export function reduce(state, message) {
  if (message.type === "space.snapshot") return fromSnapshot(state, message);
  if (!state) return state;
  if (message.type === "pong") return withPong(state, message.rev);
  // A type of no event, such as "toString", must not find what every object has.
  if (!Object.hasOwn(REDUCERS, message.type)) return state;
  const type = /** @type {keyof typeof REDUCERS} */ (message.type);
  // The table gives each type its own function, which the checker cannot follow by a variable.
  const reducer = /** @type {Reducer} */ (REDUCERS[type]);
  if (!("rev" in message)) return reducer(state, message);
  return inOrder(state, message, message.rev, reducer);
}

/**
 * The room as a page knows it whose log-in has ended: nothing in it is this viewer's any more.
 *
 * @param {RoomState} state
 * @returns {RoomState}
 */
export function withoutLogin(state) {
  const user = state.me.user?.id;
  return {
    ...state,
    loggedOut: true,
    me: {
      user: null,
      role: "visitor",
      request: null,
      may_request_at: null,
      invitation: null,
      consent: null,
      unmute: null,
      can: [],
    },
    stage: state.stage.filter((seat) => seat.user.id !== user),
    requests: [],
    unmuteAsked: null,
  };
}

/**
 * True for the snapshot of another person than the one as whom this page was in the room.
 *
 * @param {RoomState} state
 * @param {SnapshotMessage} message
 */
export function isOtherLogin(state, message) {
  const user = state.me.user?.id;
  return user !== undefined && user !== message.me.user?.id;
}

/**
 * True when a change was missed and the client must ask for `snapshot.get`.
 *
 * @param {RoomState|null} state
 */
export function isBehind(state) {
  return state !== null && state.wantedRev > state.rev;
}

/** What this viewer's slots carry. @param {RoomState} state @returns {Assigned} */
export function assigned(state) {
  return state.personal ?? state.room;
}

/**
 * Apply an event that belongs to change `rev`. Several events share a `rev`, so an equal one still
 * counts unless the snapshot has it already.
 *
 * @param {RoomState} state
 * @param {ServerMessage} message
 * @param {number} rev
 * @param {Reducer} reducer
 */
function inOrder(state, message, rev, reducer) {
  if (rev < state.rev || rev <= state.snapshotRev) return state;
  const isNext = rev <= state.rev + 1 && !isBehind(state);
  // The end is final and may come with a gap: nothing after it can mend the picture.
  if (!isNext && message.type !== "space.ended")
    return { ...state, wantedRev: Math.max(state.wantedRev, rev) };
  return { ...reducer(state, message), rev, wantedRev: Math.max(state.wantedRev, rev) };
}

/**
 * A heartbeat says how far the server has sent: what is newer was lost on the way.
 *
 * @param {RoomState} state
 * @param {number} rev
 */
function withPong(state, rev) {
  return rev > state.wantedRev ? { ...state, wantedRev: rev } : state;
}

/** @param {RoomState|null} state @param {SnapshotMessage} message @returns {RoomState} */
function fromSnapshot(state, message) {
  const { rev } = message;
  return {
    rev,
    snapshotRev: rev,
    // An event that overtook its snapshot is still missing afterwards: stay behind and ask again.
    wantedRev: Math.max(rev, state && state.wantedRev > state.rev ? state.wantedRev : 0),
    space: message.space,
    me: message.me,
    stage: [...message.stage].sort(byPlace),
    requests: message.requests,
    listeners: message.listeners,
    room: message.assigned,
    personal: state?.personal ?? null,
    pins: message.pins,
    captions: message.captions,
    lines: state?.lines ?? [],
    wasRecorded: (state?.wasRecorded ?? false) || message.space.recording,
    recordingTrouble: message.space.recording ? message.recording_trouble : "",
    unmuteAsked: asking(state, message.me, message.now_ms),
    health: state?.health ?? "good",
    sending: state?.sending ?? "good",
    ending: null,
    removed: false,
    replaced: false,
    loggedOut: false,
  };
}

/** @param {RoomState} state @param {Assigned} given @returns {RoomState} */
function withOffer(state, given) {
  const isOnStage = state.me.role in ROLE_RANK;
  // People on stage have streams of their own, so their offer says what theirs carry
  // (media_relay/protocol/relay.py).
  return isOnStage ? { ...state, personal: given } : { ...state, personal: null, room: given };
}

/** @param {Seat[]} stage @param {Seat} seat */
function seated(stage, seat) {
  return [...stage.filter((one) => one.user.id !== seat.user.id), seat].sort(byPlace);
}

/** Un-muting answers the plea to do so. @param {RoomState} state @param {Seat} seat */
function answers(state, seat) {
  return seat.mic && seat.user.id === state.me.user?.id;
}

/**
 * Who asks me to un-mute, by what the server says of me. A question that this page knows already is
 * as it was left, for it may have been answered by "Not now".
 *
 * @param {RoomState|null} state @param {Me} me
 * @param {number} now_ms a page that comes later than `expires_at` is not bothered
 * @returns {Person|null}
 */
function asking(state, { unmute }, now_ms = 0) {
  if (!unmute) return null;
  if (state?.me.unmute?.expires_at === unmute.expires_at) return state.unmuteAsked;
  return Date.parse(unmute.expires_at) > now_ms ? unmute.by : null;
}

/** @param {Seat} one @param {Seat} other */
function byPlace(one, other) {
  return ROLE_RANK[one.role] - ROLE_RANK[other.role] || one.order - other.order;
}

/**
 * A person is called otherwise, or looks different: everywhere, also where they spoke before.
 *
 * @param {RoomState} state
 * @param {Person} person
 * @returns {RoomState}
 */
function renamed(state, person) {
  /** @template {Person|null} T @param {T} one @returns {T|Person} */
  const known = (one) => (one?.id === person.id ? person : one);
  /** @template {{user: Person}} T @param {T} one @returns {T} */
  const withUser = (one) => ({ ...one, user: known(one.user) });
  const { space, me, listeners } = state;
  return {
    ...state,
    space: { ...space, host: known(space.host) },
    me: {
      ...me,
      user: known(me.user),
      invitation: me.invitation && { ...me.invitation, by: known(me.invitation.by) },
      unmute: me.unmute && { ...me.unmute, by: known(me.unmute.by) },
    },
    stage: state.stage.map(withUser),
    requests: state.requests.map(withUser),
    listeners: { ...listeners, sample: listeners.sample.map(known) },
    pins: state.pins.map((pin) => ({
      ...pin,
      post: { ...pin.post, author: known(pin.post.author) },
    })),
    lines: state.lines.map((line) =>
      line.participant === person.id ? { ...line, name: person.name } : line,
    ),
    unmuteAsked: known(state.unmuteAsked),
  };
}

/** @param {SpeakRequest[]} requests @param {SpeakRequest} request */
function queued(requests, request) {
  return [...requests.filter((one) => one.user.id !== request.user.id), request].sort(
    (a, b) => a.place - b.place,
  );
}

/** @param {SpeakRequest[]} requests @param {number} user */
function unqueued(requests, user) {
  const removed = requests.find((one) => one.user.id === user);
  if (!removed) return requests;
  const rest = requests.filter((one) => one !== removed);
  return rest.map((one) => (one.place > removed.place ? { ...one, place: one.place - 1 } : one));
}

/** Partial lines and the final one that ends them share it. @param {Caption} line */
export function captionKey({ participant, id, start_ms }) {
  return `${participant}:${id ?? start_ms}`;
}

// Longer is hard to read at a glance (design README: at most about 90 with the name).
const LINE_CHARS = 72;
const LEAST_CHARS = 12;
const LETTER_EM = 0.5; // A middling letter's width.
const FILLED = 0.75; // Of a row, at its worst: words are not cut.

/**
 * How long a line may be so that it and the name before it fit into so many rows: whatever is cut
 * off, the name is not.
 *
 * @param {number} widthPx of a row @param {number} fontPx @param {number} rows @param {string} name
 */
export function lineChars(widthPx, fontPx, rows, name) {
  const fit = Math.floor((rows * widthPx * FILLED) / (fontPx * LETTER_EM)) - name.length - 1;
  return Math.max(LEAST_CHARS, Math.min(LINE_CHARS, fit));
}

/**
 * What somebody said, in lines of a readable length, broken between words.
 *
 * @param {string} text
 * @param {number} [most] characters
 * @returns {string[]}
 */
export function brokenUp(text, most = LINE_CHARS) {
  const lines = [""];
  for (const word of text.split(/\s+/)) {
    const last = lines[lines.length - 1];
    if (last && last.length + word.length >= most) lines.push(word);
    else lines[lines.length - 1] = last ? `${last} ${word}` : word;
  }
  return lines;
}

/**
 * A caption grows until it is final; a final one without words takes the partial ones back.
 *
 * @param {Caption[]} lines
 * @param {CaptionMessage} message
 */
function captioned(lines, message) {
  const { participant, name, id, text, final, start_ms } = message;
  const line = { participant, name, id, text, final, start_ms };
  const key = captionKey(line);
  const open = lines.findLastIndex((one) => captionKey(one) === key);
  if (!text) return open < 0 ? lines : lines.toSpliced(open, 1);
  if (open < 0) return [...lines, line].slice(-CAPTION_LINES);
  return lines.with(open, line);
}

/**
 * What was said before we came, below what we have heard ourselves; and the end of a line that did
 * not reach us.
 *
 * @param {Caption[]} lines
 * @param {Caption[]} before
 */
function recalled(lines, before) {
  const first = lines[0]?.start_ms ?? Infinity;
  /** @param {Caption} line @returns {Caption} */
  const ended = (line) => {
    const end = before.find(
      (one) => one.participant === line.participant && one.start_ms === line.start_ms,
    );
    return end && !line.final ? { ...line, text: end.text, final: true } : line;
  };
  const isKnown = (/** @type {Caption} */ line) =>
    lines.some((one) => one.participant === line.participant && one.start_ms === line.start_ms);
  const missed = before.filter((line) => !isKnown(line)).map((line) => ({ ...line, past: true }));
  return [
    ...missed.filter((line) => line.start_ms < first),
    ...lines.map(ended),
    ...missed.filter((line) => line.start_ms >= first),
  ]
    .sort((a, b) => a.start_ms - b.start_ms)
    .slice(-CAPTION_LINES);
}
