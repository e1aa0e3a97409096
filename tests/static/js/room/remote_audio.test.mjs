import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { RemoteAudio } from "../../../../static/js/room/remote_audio.js";

let blocked;
let refusal;

/** An audio element whose browser may refuse to play. */
class Element extends EventTarget {
  srcObject = null;
  muted = false;
  paused = true;

  async play() {
    if (refusal) throw Object.assign(new Error("no"), { name: refusal });
    this.paused = false;
  }

  /** The system stops it. */
  stop() {
    this.paused = true;
    this.dispatchEvent(new Event("pause"));
  }
}

const stream = () => ({ active: true });

beforeEach(() => {
  [blocked, refusal] = [[], ""];
  globalThis.document = { hidden: false };
});

afterEach(() => {
  delete globalThis.document;
});

const sound = () =>
  new RemoteAudio([new Element(), new Element()], (isBlocked) => blocked.push(isBlocked));

/** Two voices that are heard, so long that a stop is the first one. */
async function playing(t) {
  t.mock.method(performance, "now", () => 60_000);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const room = sound();
  await room.play([stream(), stream()]);
  blocked = [];
  return room;
}

function stopAll(room) {
  for (const one of room.elements) one.stop();
}

const isHeard = (room) => room.elements.every((one) => !one.paused);

/** What begins by itself has begun. */
async function settled(t) {
  t.mock.timers.tick(300);
  await new Promise((done) => setImmediate(done));
}

test("it says that a click is needed where the browser refuses, and no more after it", async () => {
  const room = sound();
  refusal = "NotAllowedError";
  await room.play([{}, {}]);
  refusal = "";
  await room.resume();
  assert.deepEqual(blocked, [true, false]);
});

test("it takes a newer stream that takes over for no refusal", async () => {
  refusal = "AbortError";
  await sound().play([{}, {}]);
  assert.deepEqual(blocked, [false]);
});

test("it mutes one person for this browser, in whatever slot they speak", () => {
  const room = sound();
  room.muteUsers(new Set([7]));
  room.assign([7, 8]);
  assert.deepEqual(
    room.elements.map((one) => one.muted),
    [true, false],
  );
  room.assign([8, 7]);
  assert.deepEqual(
    room.elements.map((one) => one.muted),
    [false, true],
  );
  room.setSilent(true);
  assert.deepEqual(
    room.elements.map((one) => one.muted),
    [true, true],
  );
});

test("it plays on by itself what the system has stopped", async (t) => {
  const room = await playing(t);
  stopAll(room);
  await settled(t);
  assert.ok(isHeard(room));
  assert.deepEqual(blocked, [false]);
});

test("it asks for a tap where the browser does not let it play on", async (t) => {
  const room = await playing(t);
  refusal = "NotAllowedError";
  stopAll(room);
  await settled(t);
  assert.equal(blocked.at(-1), true);
  refusal = "";
  await room.resume();
  assert.ok(isHeard(room));
  assert.equal(blocked.at(-1), false);
});

test("it does not fight for the speaker: what is stopped again at once waits for a tap", async (t) => {
  const room = await playing(t);
  stopAll(room);
  await settled(t);
  stopAll(room);
  await settled(t);
  assert.ok(!isHeard(room));
  assert.equal(blocked.at(-1), true);
});

test("it leaves the speaker to others while nobody looks, and plays when somebody does", async (t) => {
  const room = await playing(t);
  globalThis.document.hidden = true;
  stopAll(room);
  await settled(t);
  assert.ok(!isHeard(room));
  globalThis.document.hidden = false;
  await room.recover();
  assert.ok(isHeard(room));
});

test("it plays on when the sound is switched off and on again", async (t) => {
  const room = await playing(t);
  globalThis.document.hidden = true;
  stopAll(room);
  room.setSilent(true);
  assert.ok(!isHeard(room));
  room.setSilent(false);
  await settled(t);
  assert.ok(isHeard(room));
});

test("it takes the end of a stream for nothing that was stopped", async (t) => {
  const room = await playing(t);
  for (const one of room.elements) one.srcObject.active = false;
  stopAll(room);
  room.stop();
  stopAll(room);
  await settled(t);
  assert.ok(!isHeard(room));
  assert.deepEqual(blocked, [false], "the stop itself");
});
