import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { VideoSubscription } from "../../../../static/js/room/video_subscription.js";

let sent;
let now;
let pictures;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.document = { hidden: false };
  sent = [];
  now = { isConnected: true, isAudioOnly: false, pinned: null };
  pictures = new VideoSubscription(
    async (type, fields) => sent.push([type, ...Object.values(fields)]),
    () => now,
  );
  pictures.setWatched(true);
  mock.timers.tick(0);
});

afterEach(() => {
  mock.timers.reset();
  delete globalThis.document;
});

test("it says nothing while nothing changes", () => {
  assert.deepEqual(sent, []);
});

test("it stops pictures when the page is left, and starts them at once on return", () => {
  pictures.setWatched(false);
  mock.timers.tick(1_500);
  pictures.setWatched(true);
  mock.timers.tick(0);
  assert.deepEqual(sent, [
    ["media.video", false],
    ["media.video", true],
  ]);
});

test("it keeps them through a glance at another tab", () => {
  globalThis.document.hidden = true;
  pictures.onVisibility();
  mock.timers.tick(1_000);
  globalThis.document.hidden = false;
  pictures.onVisibility();
  mock.timers.tick(5_000);
  assert.deepEqual(sent, []);
});

test("it stops them for sound alone", () => {
  now.isAudioOnly = true;
  pictures.onVisibility();
  mock.timers.tick(1_500);
  assert.deepEqual(sent, [["media.video", false]]);
});

test("it tells a new connection again", () => {
  now.isAudioOnly = true;
  now.pinned = 4;
  pictures.onConnected();
  assert.deepEqual(sent, [
    ["media.video", false],
    ["media.pin", 4],
  ]);
});

test("it asks nothing of a connection that is not there", () => {
  now.isConnected = false;
  pictures.setWatched(false);
  mock.timers.tick(1_500);
  assert.deepEqual(sent, []);
});

test("it tries again later when the wish was lost", async () => {
  pictures.call = () => Promise.reject(new Error("lost"));
  pictures.setWatched(false);
  mock.timers.tick(1_500);
  await Promise.resolve();
  await Promise.resolve();
  pictures.call = async (type, fields) => sent.push([type, fields.on]);
  pictures.onVisibility();
  mock.timers.tick(1_500);
  assert.deepEqual(sent, [["media.video", false]]);
});
