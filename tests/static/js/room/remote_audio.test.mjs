import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { RemoteAudio } from "../../../../static/js/room/remote_audio.js";

let blocked;
let refusal;

/** An audio element whose browser may refuse to play. */
const element = () => ({
  srcObject: null,
  muted: false,
  async play() {
    if (refusal) throw Object.assign(new Error("no"), { name: refusal });
  },
});

beforeEach(() => {
  [blocked, refusal] = [[], ""];
});

const sound = () => new RemoteAudio([element(), element()], (isBlocked) => blocked.push(isBlocked));

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
