import assert from "node:assert/strict";
import { test } from "node:test";

import { changes } from "../../../../static/js/room/announcements.js";
import { reduce } from "../../../../static/js/room/state.js";
import { me, person, request, seat, snapshot, space } from "./fixtures.mjs";

const nobody = new Set();
const listener = reduce(null, snapshot());
const hostSeat = seat(1, { role: "host", order: 0 });
const onStage = (fields = {}) =>
  reduce(null, snapshot({ me: me({ role: "speaker" }), stage: [hostSeat, seat(9, fields)] }));
const asHost = (fields = {}) =>
  reduce(
    null,
    snapshot({ me: me({ user: person(1), role: "host" }), stage: [hostSeat], ...fields }),
  );

/** What is said of these messages, each after the other. */
function said(state, messages, blocked = nobody) {
  const all = [];
  let before = state;
  messages.forEach((message, at) => {
    const after = reduce(before, { rev: 6 + at, ...message });
    all.push(...changes(before, after, blocked));
    before = after;
  });
  return all;
}

const mine = (fields) => ({ type: "seat.changed", seat: seat(9, fields) });
const host = (fields) => ({ type: "seat.changed", seat: { ...hostSeat, ...fields } });

for (const [what, state, messages, wanted] of [
  [
    "my microphone on and off, each time",
    onStage(),
    [mine({ mic: true }), mine({ mic: false }), mine({ mic: true })],
    ["Your microphone is on", "You are muted", "Your microphone is on"],
  ],
  [
    "that the system has taken my microphone, and gives it back",
    onStage({ mic: true }),
    [mine({ mic: true, interrupted: ["mic"] }), mine({ mic: true })],
    ["Your microphone is interrupted", "Your microphone is on"],
  ],
  [
    "not what a notice says: the host muted me",
    onStage({ mic: true }),
    [mine({ muted_by: 1 })],
    [],
  ],
  [
    "my camera and my screen",
    onStage(),
    [mine({ camera: true }), mine({ screen: true }), mine({})],
    [
      ...["Your camera is on", "Your camera is off", "You share your screen"],
      "Your screen is not shared any more",
    ],
  ],
  [
    "that I am on stage",
    listener,
    [{ type: "seat.changed", seat: seat(9) }],
    ["You are on stage. Tap to talk when you are ready."],
  ],
  [
    "that I am a listener again",
    onStage(),
    [{ type: "seat.removed", user: 9 }],
    ["You are a listener now."],
  ],
  [
    "another role of mine",
    onStage(),
    [mine({ role: "cohost" }), mine({ role: "speaker" }), mine({ role: "host" })],
    ["You are co-host now.", "You are a speaker now.", "You are hosting now."],
  ],
  [
    "locked microphones to those who have one",
    onStage(),
    [
      { type: "space.changed", space: space({ mics_locked: true }) },
      { type: "space.changed", space: space() },
    ],
    ["The host has locked the microphones", "The host has unlocked the microphones"],
  ],
  [
    "everybody who comes on stage, the same one again too",
    listener,
    [
      { type: "seat.changed", seat: seat(2) },
      { type: "seat.removed", user: 2 },
      { type: "seat.changed", seat: seat(2) },
    ],
    ["Person 2 is on stage.", "Person 2 left the stage.", "Person 2 is on stage."],
  ],
  [
    "another role, or a screen, of others",
    reduce(null, snapshot({ stage: [hostSeat, seat(2)] })),
    [
      { type: "seat.changed", seat: seat(2, { role: "cohost" }) },
      { type: "seat.changed", seat: seat(2, { role: "cohost", screen: true }) },
    ],
    ["Person 2 is co-host now.", "Person 2 shares a screen."],
  ],
  ["nothing of others' microphones", listener, [host({ mic: true }), host({ mic: false })], []],
  [
    "each raised hand to the host, the same one again too",
    asHost(),
    [
      { type: "request.added", request: request(2, 1) },
      { type: "request.removed", user: 2 },
      { type: "request.added", request: request(2, 1) },
    ],
    ["Person 2 asks to speak", "Person 2 asks to speak"],
  ],
  [
    "that recording begins and ends",
    listener,
    [
      { type: "space.changed", space: space({ recording: true }) },
      { type: "space.changed", space: space() },
    ],
    ["This Space is being recorded", "This Space is not recorded any more"],
  ],
  [
    "that my request was declined",
    reduce(null, snapshot({ me: me({ request: { place: 1 } }) })),
    [{ type: "me.changed", me: me({ may_request_at: "2026-11-20T12:01:00Z" }) }],
    ["Your request was declined."],
  ],
  [
    "not that I took it back",
    reduce(null, snapshot({ me: me({ request: { place: 1 } }) })),
    [{ type: "me.changed", me: me() }],
    [],
  ],
  [
    "nothing after the end",
    onStage({ mic: true }),
    [{ type: "space.ended", by: null, reason: null, listened: 1, spoke: 1 }],
    [],
  ],
]) {
  test(`it says ${what}`, () => {
    assert.deepEqual(said(state, messages).sort(), wanted.toSorted());
  });
}

test("it says nothing of whom the viewer has blocked", () => {
  const messages = [{ type: "seat.changed", seat: seat(2) }];
  assert.deepEqual(said(listener, messages, new Set([2])), []);
});
