import assert from "node:assert/strict";
import { test } from "node:test";

import {
  participantCount,
  mainPicture,
  may,
  mayRequest,
  poorlySent,
  mySeat,
  sharedScreen,
} from "../../../../static/js/room/selectors.js";
import { reduce } from "../../../../static/js/room/state.js";
import { me, nobody, person, seat, snapshot, space } from "./fixtures.mjs";

const room = (fields) => reduce(null, snapshot(fields));
const shown = (state, viewer = {}) => mainPicture(state, { pinned: null, last: null, ...viewer });
const STAGE = [seat(1, { role: "host" }), seat(2, { camera: true }), seat(3)];

test("it shows the picture of the active speaker whose camera the slot carries", () => {
  const found = shown(room({ stage: STAGE, assigned: { ...nobody, active: 2, video: 2 } }));
  assert.equal(found.seat.user.id, 2);
  assert.equal(found.isPicture, true);
});

test("it shows an avatar and never somebody else's picture for a speaker without a camera", () => {
  const found = shown(room({ stage: STAGE, assigned: { ...nobody, active: 3, video: 2 } }));
  assert.equal(found.seat.user.id, 3);
  assert.equal(found.isPicture, false);
  assert.equal(found.isPicturePending, false);
});

test("it says that a picture is on its way when the slot still carries another", () => {
  const found = shown(
    room({
      stage: [...STAGE, seat(4, { camera: true })],
      assigned: { ...nobody, active: 4, video: 2 },
    }),
  );
  assert.deepEqual([found.isPicture, found.isPicturePending], [false, true]);
});

test("it ranks the viewer's pin over the spotlight over the active speaker", () => {
  const state = room({
    stage: STAGE,
    space: space({ spotlight: 3 }),
    assigned: { ...nobody, active: 2, video: 2 },
  });
  assert.equal(shown(state, { pinned: 1 }).seat.user.id, 1);
  assert.equal(shown(state).seat.user.id, 3);
});

test("it stays with the last one in silence", () => {
  assert.equal(shown(room({ stage: STAGE }), { last: 3 }).seat.user.id, 3);
});

test("it never shows me to myself while somebody else is on stage", () => {
  const state = room({
    stage: STAGE,
    me: me({ user: person(2), role: "speaker" }),
    assigned: { ...nobody, active: 2, video: 2 },
  });
  assert.equal(shown(state).seat.user.id, 1);
});

test("it shows me without my picture when I am alone on stage", () => {
  const state = room({
    stage: [seat(1, { role: "host", camera: true })],
    me: me({ user: person(1), role: "host" }),
  });
  assert.deepEqual([shown(state).seat.user.id, shown(state).isPicture], [1, false]);
});

test("it has nobody to show on an empty stage", () => {
  assert.equal(shown(room({ stage: [] })).seat, undefined);
});

test("it shows no picture in a Space without video", () => {
  const state = room({
    stage: STAGE,
    space: space({ video: false }),
    assigned: { ...nobody, active: 2, video: 2 },
  });
  assert.equal(shown(state).isPicture, false);
});

test("it shows a shared screen unless it is my own", () => {
  const stage = [seat(1, { role: "host" }), seat(2, { screen: true })];
  const state = room({ stage, assigned: { ...nobody, screen: 2 } });
  assert.equal(sharedScreen(state).user.id, 2);
  assert.equal(sharedScreen({ ...state, me: me({ user: person(2) }) }), undefined);
});

test("it counts the stage with the listeners", () => {
  assert.equal(participantCount(room({ stage: STAGE })), 5);
});

test("it offers only what the server allows", () => {
  const state = room({ me: me({ can: ["react", "speakers"] }) });
  assert.equal(may(state, "speakers"), true);
  assert.equal(may(state, "edit"), false);
});

const REQUESTS = [
  ["a listener", {}, {}, true],
  ["a visitor", { me: me({ user: null, role: "visitor" }) }, {}, false],
  ["a listener with requests off", {}, { requests_open: false }, false],
  [
    "a listener with requests off where everyone may speak",
    {},
    { requests_open: false, speak_rule: "everyone" },
    true,
  ],
  ["somebody on stage", { me: me({ user: person(1) }) }, {}, false],
  ["anybody in a green room", {}, { state: "green" }, false],
];
for (const [who, fields, changes, wanted] of REQUESTS) {
  test(`it ${wanted ? "lets" : "does not let"} ${who} ask to speak`, () => {
    assert.equal(mayRequest(room({ space: space(changes), ...fields })), wanted);
  });
}

test("it knows my seat only when I have one", () => {
  assert.equal(mySeat(room({})), undefined);
  assert.equal(mySeat(room({ me: me({ user: person(1) }) })).role, "host");
  assert.equal(mySeat(room({ me: me({ user: null, role: "visitor" }) })), undefined);
});

test("it never shows somebody the viewer has blocked, though they speak, are pinned or alone", () => {
  const state = room({
    stage: [seat(1, { role: "host", camera: true }), seat(2, { camera: true })],
    assigned: { ...nobody, active: 1, video: 1 },
  });
  const blocked = new Set([1]);
  assert.equal(shown(state, { blocked, pinned: 1 }).seat.user.id, 2);
  assert.equal(shown(state, { blocked }).isPicture, false);
  const alone = room({
    stage: [seat(1, { role: "host", camera: true })],
    assigned: { ...nobody, active: 1, video: 1 },
  });
  assert.equal(shown(alone).isPicture, true);
  assert.equal(shown(alone, { blocked }).isPicture, false);
});

for (const [name, mine, sending, wanted] of [
  ["what others see", { mic: true, camera: true }, "poor", "picture"],
  ["a shared screen", { screen: true }, "poor", "picture"],
  ["what others hear", { mic: true }, "poor", "voice"],
  ["nothing of who is muted", {}, "poor", null],
  ["nothing on a good path", { mic: true, camera: true }, "good", null],
]) {
  test(`it names as missed ${name}`, () => {
    const before = room({
      me: me({ user: person(2), role: "speaker" }),
      stage: [seat(1, { role: "host" }), seat(2, mine)],
    });
    assert.equal(
      poorlySent(reduce(before, { type: "media.health", level: "good", sending })),
      wanted,
    );
  });
}

test("it names nothing as missed of a listener, whose own packets nobody awaits", () => {
  assert.equal(
    poorlySent(
      reduce(room({ stage: STAGE }), { type: "media.health", level: "poor", sending: "poor" }),
    ),
    null,
  );
});
