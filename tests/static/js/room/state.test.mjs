import assert from "node:assert/strict";
import { test } from "node:test";

import {
  assigned,
  brokenUp,
  isBehind,
  isOtherLogin,
  lineChars,
  reduce,
  withoutLogin,
} from "../../../../static/js/room/state.js";
import { me, nobody, person, request, seat, snapshot, space } from "./fixtures.mjs";

const after = (...messages) => messages.reduce(reduce, reduce(null, snapshot()));
const ids = (state) => state.stage.map((one) => one.user.id);

test("it drops what comes before the first snapshot", () => {
  assert.equal(reduce(null, { type: "seat.changed", rev: 3, seat: seat(2) }), null);
});

test("it takes the snapshot as the whole truth", () => {
  const state = reduce(
    null,
    snapshot({ stage: [seat(3), seat(1, { role: "host" }), seat(2, { role: "cohost" })] }),
  );
  assert.deepEqual(ids(state), [1, 2, 3], "host, co-hosts, then arrival");
  assert.equal(state.rev, 5);
  assert.equal(isBehind(state), false);
});

test("it applies the next event and counts its rev", () => {
  const state = after({ type: "seat.changed", rev: 6, seat: seat(2, { mic: true }) });
  assert.deepEqual(ids(state), [1, 2]);
  assert.equal(state.rev, 6);
});

test("it replaces a seat by its user and keeps the order when somebody is promoted", () => {
  const state = after(
    { type: "seat.changed", rev: 6, seat: seat(2) },
    { type: "seat.changed", rev: 7, seat: seat(3) },
    { type: "seat.changed", rev: 8, seat: seat(3, { role: "cohost" }) },
  );
  assert.deepEqual(ids(state), [1, 3, 2]);
});

test("it takes a seat away", () => {
  const state = after(
    { type: "seat.changed", rev: 6, seat: seat(2) },
    { type: "seat.removed", rev: 7, user: 2 },
  );
  assert.deepEqual(ids(state), [1]);
});

test("it applies every event of one change", () => {
  const state = after(
    { type: "seat.changed", rev: 6, seat: seat(2) },
    { type: "me.changed", rev: 6, me: me({ role: "speaker" }) },
  );
  assert.equal(state.me.role, "speaker");
  assert.equal(state.rev, 6);
});

test("it drops an event that the snapshot holds already", () => {
  const state = after({ type: "seat.removed", rev: 5, user: 1 });
  assert.deepEqual(ids(state), [1]);
});

test("it drops an event older than the newest", () => {
  const state = after(
    { type: "rev", rev: 6 },
    { type: "rev", rev: 7 },
    { type: "seat.removed", rev: 6, user: 1 },
  );
  assert.deepEqual(ids(state), [1]);
});

test("it is behind after a gap and does not guess", () => {
  const state = after({ type: "seat.changed", rev: 7, seat: seat(2) });
  assert.equal(isBehind(state), true);
  assert.deepEqual(ids(state), [1], "an event over a gap is not applied");
});

test("it is caught up by a snapshot as new as what it missed", () => {
  const behind = after({ type: "seat.changed", rev: 7, seat: seat(2) });
  assert.equal(isBehind(reduce(behind, snapshot({ rev: 7 }))), false);
});

test("it stays behind when an event overtook the snapshot", () => {
  const behind = after({ type: "seat.changed", rev: 8, seat: seat(2) });
  assert.equal(isBehind(reduce(behind, snapshot({ rev: 7 }))), true);
});

test("it takes a bare rev as a change that it may not see", () => {
  const state = after({ type: "rev", rev: 6 });
  assert.equal(state.rev, 6);
  assert.equal(isBehind(state), false);
});

test("it notices by the heartbeat that a message was lost", () => {
  assert.equal(isBehind(after({ type: "pong", n: 1, rev: 7 })), true);
  assert.equal(isBehind(after({ type: "pong", n: 1, rev: 5 })), false);
});

test("it tells apart what the room's slots carry and what its own do", () => {
  const room = { ...nobody, video: 2, active: 2 };
  const own = { ...nobody, video: 3, active: 3 };
  const state = after(
    { type: "speaker.changed", assigned: own, personal: true },
    { type: "speaker.changed", assigned: room, personal: false },
  );
  assert.deepEqual(assigned(state), own, "the own slots win whatever the room says later");
  assert.deepEqual(assigned(reduce(state, { type: "media.closed", peer: "p" })), room);
});

test("it lets a new connection of a listener follow the room", () => {
  const state = after(
    { type: "speaker.changed", assigned: { ...nobody, active: 3 }, personal: true },
    { type: "media.offer", peer: "p", sdp: "", slots: {}, assigned: { ...nobody, active: 2 } },
  );
  assert.equal(assigned(state).active, 2);
  assert.equal(state.personal, null);
});

test("it takes the offer to somebody on stage as their own", () => {
  const onStage = reduce(null, snapshot({ me: me({ user: person(1), role: "host" }) }));
  const state = reduce(onStage, {
    type: "media.offer",
    peer: "p",
    assigned: { ...nobody, active: 2 },
  });
  const later = reduce(state, {
    type: "speaker.changed",
    assigned: { ...nobody, active: 1 },
    personal: false,
  });
  assert.equal(assigned(later).active, 2, "one's own voice is never one's own active speaker");
});

test("it keeps the line in order and moves those behind up", () => {
  const host = reduce(
    null,
    snapshot({ me: me({ role: "host" }), requests: [request(2, 1), request(3, 2)] }),
  );
  const state = [
    { type: "request.added", rev: 6, request: request(4, 3) },
    { type: "request.removed", rev: 7, user: 2 },
  ].reduce(reduce, host);
  assert.deepEqual(
    state.requests.map((one) => [one.user.id, one.place]),
    [
      [3, 1],
      [4, 2],
    ],
  );
});

test("it does not move the line twice when a removal is repeated", () => {
  const host = reduce(null, snapshot({ requests: [request(2, 1), request(3, 2), request(4, 3)] }));
  const gone = { type: "request.removed", rev: 6, user: 2 };
  const state = [gone, gone].reduce(reduce, host);
  assert.deepEqual(
    state.requests.map((one) => one.place),
    [1, 2],
  );
});

test("it takes the whole line when somebody becomes or stops being host", () => {
  const state = after({ type: "requests.changed", rev: 6, requests: [request(2, 1)] });
  assert.equal(state.requests.length, 1);
  assert.equal(
    reduce(state, { type: "requests.changed", rev: 7, requests: [] }).requests.length,
    0,
  );
});

const ROWS = [
  [
    "space.changed",
    { rev: 6, space: space({ title: "Lake" }) },
    (state) => state.space.title,
    "Lake",
  ],
  [
    "host.changed",
    { rev: 6, host: person(2), acting_host: 2 },
    (state) => [state.space.host.id, state.space.acting_host],
    [2, 2],
  ],
  [
    "host.lost",
    { rev: 6, until: "2026-11-20T12:02:00Z" },
    (state) => state.space.host_lost_until,
    "2026-11-20T12:02:00Z",
  ],
  ["host.lost", { rev: 6, until: null }, (state) => state.space.host_lost_until, null],
  [
    "listeners.changed",
    { count: 7, sample: [] },
    (state) => state.listeners,
    { count: 7, sample: [] },
  ],
  ["listeners.changed", { count: 8 }, (state) => state.listeners.count, 8],
  [
    "invitation.received",
    { role: "cohost", by: person(1), expires_at: "x" },
    (state) => state.me.invitation.role,
    "cohost",
  ],
  ["host.offered", { by: person(1), expires_at: "x" }, (state) => state.me.invitation.role, "host"],
  ["unmute.asked", { by: person(1) }, (state) => state.unmuteAsked.id, 1],
  [
    "media.health",
    { level: "poor", sending: "good" },
    (state) => [state.health, state.sending],
    ["poor", "good"],
  ],
  [
    "media.health",
    { level: "good", sending: "poor" },
    (state) => [state.health, state.sending],
    ["good", "poor"],
  ],
  ["pin.added", { rev: 6, pin: { id: 4 } }, (state) => state.pins.length, 1],
  ["removed", {}, (state) => state.removed, true],
  ["replaced", {}, (state) => state.replaced, true],
];
for (const [type, fields, look, wanted] of ROWS) {
  test(`it knows ${type} ${JSON.stringify(fields).slice(0, 40)}`, () => {
    assert.deepEqual(look(after({ type, ...fields })), wanted);
  });
}

test("it shows a pin once and takes it away", () => {
  const pin = { id: 4, post: {}, by: 1 };
  const state = after({ type: "pin.added", rev: 6, pin }, { type: "pin.added", rev: 6, pin });
  assert.equal(state.pins.length, 1);
  assert.equal(reduce(state, { type: "pin.removed", rev: 7, pin: 4 }).pins.length, 0);
});

const words = (id, text, final = false, participant = 1, start_ms = 10) => ({
  type: "caption",
  participant,
  name: "",
  id,
  text,
  final,
  start_ms,
});

test("it lets a caption grow until it is final", () => {
  const state = after(
    words("a", "No"),
    words("b", "Yes", false, 2),
    words("a", "No one.", true),
    words("c", "Then"),
  );
  assert.deepEqual(
    state.lines.map((line) => line.text),
    ["No one.", "Yes", "Then"],
  );
});

test("it keeps lines of one voice apart that are open at once", () => {
  const state = after(words("a", "First"), words("b", "Second"), words("a", "First of all", true));
  assert.deepEqual(
    state.lines.map((line) => line.text),
    ["First of all", "Second"],
  );
});

test("it breaks a long line between words, and what stands stays as it grows", () => {
  const text =
    "please remember to bring your camera and something to drink on sunday because the sea will be calm";
  const lines = brokenUp(text);
  assert.equal(lines.join(" "), text);
  assert.ok(lines.length === 2 && lines.every((line) => line.length <= 72));
  assert.equal(brokenUp(`${text} and warm`)[0], lines[0]);
  assert.deepEqual(brokenUp(""), [""]);
  assert.deepEqual(brokenUp("x".repeat(200)), ["x".repeat(200)]);
});

test("it takes back what was no speech", () => {
  assert.deepEqual(after(words("a", "Hm"), words("a", "", true)).lines, []);
  assert.deepEqual(after(words("a", "", true)).lines, []);
});

test("it puts what was said before it came below what it heard", () => {
  const before = [words("5", "Earlier", true, 1, 5), words("10", "Heard", true, 1, 10)];
  const state = after(words("a", "Heard", true), {
    type: "captions",
    available: true,
    status: "ok",
    reason: "",
    lines: before,
  });
  assert.deepEqual(
    state.lines.map((line) => line.text),
    ["Earlier", "Heard"],
  );
  assert.equal(state.captions.available, true);
});

test("it drops words that nobody will finish when captions go away", () => {
  const state = after(words("a", "Done.", true), words("b", "And th"), {
    type: "captions.status",
    available: false,
    status: "unavailable",
    reason: "no_egress",
  });
  assert.deepEqual(
    state.lines.map((line) => line.text),
    ["Done."],
  );
  assert.deepEqual(state.captions, {
    available: false,
    status: "unavailable",
    reason: "no_egress",
  });
});

test("it hears that it is asked for consent", () => {
  const state = after({ type: "consent.needed", expires_at: "2026-11-20T20:00:30Z" });
  assert.deepEqual(state.me.consent, { given: false, expires_at: "2026-11-20T20:00:30Z" });
});

test("it remembers that there will be a replay", () => {
  const space = after().space;
  const state = after(
    { type: "space.changed", rev: 6, space: { ...space, recording: true } },
    { type: "recording.failed", reason: "disk_full" },
  );
  assert.deepEqual([state.wasRecorded, state.recordingTrouble], [true, "disk_full"]);
  assert.equal(reduce(state, { type: "recording.resumed" }).recordingTrouble, "");
  const stopped = reduce(state, {
    type: "space.changed",
    rev: 7,
    space: { ...space, recording: false },
  });
  assert.deepEqual([stopped.wasRecorded, stopped.recordingTrouble], [true, ""]);
});

test("it forgets a plea to un-mute when the role changes", () => {
  const state = after(
    { type: "unmute.asked", by: person(1) },
    { type: "me.changed", rev: 6, me: me({ role: "speaker" }) },
  );
  assert.equal(state.unmuteAsked, null);
});

test("it forgets a plea to un-mute once it is answered", () => {
  const asked = after({ type: "unmute.asked", by: person(1) });
  const other = reduce(asked, { type: "seat.changed", rev: 6, seat: seat(2, { mic: true }) });
  assert.equal(other.unmuteAsked.id, 1);
  assert.equal(
    reduce(other, { type: "seat.changed", rev: 7, seat: seat(9, { mic: true }) }).unmuteAsked,
    null,
  );
});

const asked = (expires_at = "2026-11-20T12:00:30Z") => ({ by: person(1), expires_at });
const SOON = Date.parse("2026-11-20T12:00:10Z");
const LATE = Date.parse("2026-11-20T12:01:00Z");

test("it is asked to un-mute by what the server says of me", () => {
  const told = after({ type: "me.changed", rev: 6, me: me({ unmute: asked() }) });
  assert.equal(told.unmuteAsked.id, 1);
  const shown = reduce(after(), snapshot({ rev: 6, now_ms: SOON, me: me({ unmute: asked() }) }));
  assert.equal(shown.unmuteAsked.id, 1, "also when both messages of it were lost");
  const late = reduce(after(), snapshot({ rev: 6, now_ms: LATE, me: me({ unmute: asked() }) }));
  assert.equal(late.unmuteAsked, null, "it is too late to bother anybody");
});

test("it does not ask again what was put off, and keeps what is open", () => {
  const open = after({ type: "me.changed", rev: 6, me: me({ unmute: asked() }) });
  const again = snapshot({ rev: 7, now_ms: LATE, me: me({ unmute: asked() }) });
  assert.equal(reduce(open, again).unmuteAsked.id, 1);
  assert.equal(reduce({ ...open, unmuteAsked: null }, again).unmuteAsked, null);
  const once_more = me({ unmute: asked("2026-11-20T12:02:00Z") });
  const put_off = { ...open, unmuteAsked: null };
  assert.equal(
    reduce(put_off, { type: "me.changed", rev: 7, me: once_more }).unmuteAsked.id,
    1,
    "but it does when somebody asks anew",
  );
});

test("it ends a line whose end was lost by what it recalls", () => {
  const line = { participant: 1, name: "A", start_ms: 5, final: false };
  const partial = after({ type: "caption", id: "a", text: "The river", ...line });
  const state = reduce(partial, {
    type: "captions",
    available: true,
    status: "ok",
    reason: "",
    lines: [{ ...line, id: "5", text: "The river is wide", final: true }],
  });
  assert.deepEqual(
    state.lines.map(({ text, final }) => [text, final]),
    [["The river is wide", true]],
  );
});

test("it believes the end even over a gap", () => {
  const state = after({
    type: "space.ended",
    rev: 9,
    by: person(1),
    reason: "host",
    listened: 12,
    spoke: 3,
  });
  assert.equal(state.space.state, "ended");
  assert.deepEqual(state.ending, { by: person(1), reason: "host", listened: 12, spoke: 3 });
});

test("it tells a cancelled Space from an ended one", () => {
  assert.equal(
    after({ type: "space.ended", rev: 6, by: null, reason: "cancelled", listened: 0, spoke: 0 })
      .space.state,
    "cancelled",
  );
});

test("it returns the very same state for a type it does not know", () => {
  const state = after();
  assert.equal(reduce(state, { type: "from.the.future", rev: 6 }), state);
  assert.equal(
    reduce(state, { type: "toString" }),
    state,
    "a name every object has is no message either",
  );
});

test("it never changes a state in place", () => {
  const state = Object.freeze(after());
  Object.freeze(state.stage);
  Object.freeze(state.requests);
  reduce(state, { type: "seat.changed", rev: 6, seat: seat(2) });
  reduce(state, { type: "request.added", rev: 6, request: request(2, 1) });
  assert.deepEqual(ids(state), [1]);
});

for (const type of ["media.connected", "media.closed"]) {
  test(`it forgets how the path was at ${type}: the next one is another`, () => {
    const poor = after({ type: "media.health", level: "audio_only", sending: "poor" });
    const now = reduce(poor, { type, peer: "p" });
    assert.deepEqual([now.health, now.sending], ["good", "good"]);
  });
}

test("it breaks a line sooner where there is less room, so that the name before it stays in sight", () => {
  const phone = lineChars(238, 18, 3, "Demo 3");
  assert.ok(phone < 72 && phone > 40, `${phone} characters`);
  assert.ok(lineChars(238, 23, 3, "Demo 3") < phone, "large letters");
  assert.ok(lineChars(238, 18, 3, "Maximiliane") < phone, "a long name");
  assert.equal(lineChars(800, 19, 2, "Demo 3"), 72);
  assert.equal(lineChars(40, 30, 2, "Maximiliane"), 12);
  assert.deepEqual(brokenUp("we should talk about music", 12), [
    "we should",
    "talk about",
    "music",
  ]);
});

const pin = (id, author = 2) => ({
  id,
  by: 1,
  post: { id, url: `/posts/${id}/`, author: person(author), text: `Post ${id}` },
});

test("it shows the pins that can be seen now, whatever there was before", () => {
  const state = after(
    { type: "pin.added", rev: 6, pin: pin(1) },
    { type: "pin.added", rev: 7, pin: pin(2) },
    { type: "pins.changed", rev: 8, pins: [pin(2), pin(3)] },
  );
  assert.deepEqual(
    state.pins.map((one) => one.id),
    [2, 3],
  );
});

test("it calls a person by the new name wherever they are", () => {
  const other = { ...person(1, "Ayu Lestari"), avatar: "/a/new.webp" };
  const line = { participant: 1, name: "Person 1", id: "7", text: "Hello", start_ms: 7 };
  const before = [
    snapshot({
      me: me({ user: person(1), invitation: { role: "cohost", by: person(1), expires_at: "" } }),
      requests: [request(1, 1), request(2, 2)],
      listeners: { count: 2, sample: [person(9), person(1)] },
      pins: [pin(3, 1), pin(4, 2)],
    }),
    { type: "caption", final: true, ...line },
    { type: "caption", final: true, ...line, participant: 2, name: "Person 2" },
    { type: "unmute.asked", by: person(1) },
  ].reduce(reduce, null);
  const state = reduce(before, { type: "person.changed", rev: 6, person: other });
  assert.equal(state.rev, 6);
  assert.deepEqual(state.space.host, other);
  assert.deepEqual(state.stage[0], { ...before.stage[0], user: other });
  assert.deepEqual(state.me.user, other);
  assert.deepEqual(state.me.invitation.by, other);
  assert.deepEqual(
    state.requests.map((one) => one.user.name),
    ["Ayu Lestari", "Person 2"],
  );
  assert.deepEqual(state.listeners, { count: 2, sample: [person(9), other] });
  assert.deepEqual(
    state.pins.map((one) => one.post.author.name),
    ["Ayu Lestari", "Person 2"],
  );
  assert.deepEqual(
    state.lines.map((one) => one.name),
    ["Ayu Lestari", "Person 2"],
  );
  assert.deepEqual(state.unmuteAsked, other);
});

test("it keeps nothing of a viewer whose log-in has ended", () => {
  const state = withoutLogin(after({ type: "seat.changed", rev: 6, seat: seat(9, { mic: true }) }));
  assert.equal(state.loggedOut, true);
  assert.equal(state.me.user, null);
  assert.deepEqual(ids(state), [1]);
  const fresh = reduce(state, snapshot({ rev: 8, me: me({ user: null, role: "visitor" }) }));
  assert.equal(fresh.loggedOut, false);
});

test("it notices that a socket came back by another log-in, or by none", () => {
  const state = after();
  assert.equal(isOtherLogin(state, snapshot()), false);
  assert.equal(isOtherLogin(state, snapshot({ me: me({ user: null }) })), true);
  assert.equal(isOtherLogin(state, snapshot({ me: me({ user: person(2) }) })), true);
  const visitor = reduce(null, snapshot({ me: me({ user: null }) }));
  assert.equal(isOtherLogin(visitor, snapshot()), false, "who logs in is asked nothing");
});
