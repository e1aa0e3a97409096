import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { scale } from "../../../../static/js/room/media_devices.js";
import { reduce } from "../../../../static/js/room/state.js";
import { AudioLevels, usersHeard } from "../../../../static/js/room/audio_levels.js";
import { me, nobody, person, seat, snapshot } from "./fixtures.mjs";

let state;
let levels;
let own;
let talking;
let heard;
let voices;

beforeEach(() => {
  mock.timers.enable({ apis: ["setInterval"] });
  state = reduce(
    null,
    snapshot({
      me: me({ user: person(1), role: "host" }),
      assigned: { ...nobody, audio: [2, null, null] },
    }),
  );
  [levels, own, talking, heard] = [[0, 0, 0], 0, [], null];
  voices = new AudioLevels({
    state: () => state,
    levels: () => levels,
    own: () => own,
    onLevels: (now) => (heard = [...now]),
    onTalkingMuted: (is) => talking.push(is),
  });
  voices.start();
});

afterEach(() => {
  voices.stop();
  mock.timers.reset();
});

const pass = (ticks) => mock.timers.tick(150 * ticks);

test("it hears those whose slot is loud, and nobody in an empty slot", () => {
  assert.deepEqual([...usersHeard([2, null, 4], [0.1, 0.9, 0.001])], [2]);
});

test("it says after a while that somebody talks while muted, and not at a cough", () => {
  own = 0.8;
  pass(3);
  own = 0;
  pass(10);
  assert.deepEqual(talking, []);
  own = 0.8;
  pass(6);
  assert.deepEqual(talking, [true]);
});

test("it takes the hint back when they fall silent or un-mute", () => {
  own = 0.8;
  pass(6);
  own = 0;
  pass(20);
  assert.deepEqual(talking, [true, false]);
  own = 0.8;
  pass(6);
  state = reduce(state, {
    type: "seat.changed",
    rev: 6,
    seat: seat(1, { role: "host", mic: true }),
  });
  pass(1);
  assert.deepEqual(talking, [true, false, true, false]);
  assert.deepEqual(heard, [1], "now it is a voice in the room");
});

test("it gives no hint to a listener or in the green room", () => {
  own = 0.8;
  state = reduce(null, snapshot());
  pass(10);
  state = reduce(
    null,
    snapshot({ me: me({ user: person(1) }), space: { ...snapshot().space, state: "green" } }),
  );
  pass(10);
  assert.deepEqual(talking, []);
});

test("it shows loudness on a decibel scale between silence and full", () => {
  assert.deepEqual(
    [0, 1e-6, 1e-3, 1, 4].map((power) => Number(scale(power).toFixed(2))),
    [0, 0, 0.5, 1, 1],
  );
});
