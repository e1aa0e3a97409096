import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { LocalTracks } from "../../../../static/js/room/local_tracks.js";

let opened; // Every track that the browser gave, oldest first.
let refusal; // The name of the error that the next request ends with.
let isTaken; // Whether the next track is muted from the start.
let present; // The kinds of devices that are plugged in.
let changes;
let told;
let tracks;

class Track extends EventTarget {
  muted = isTaken;
  readyState = "live";
  label = `Device ${opened.length + 1}`;

  constructor(kind) {
    super();
    this.kind = kind;
  }

  stop() {
    this.readyState = "ended";
  }

  take() {
    this.muted = true;
    this.onmute?.();
  }

  giveBack() {
    this.muted = false;
    this.onunmute?.();
  }

  unplug() {
    this.readyState = "ended";
    return this.onended?.();
  }
}

/** A stream with one track of what was asked for. */
async function request(kind) {
  if (refusal) throw Object.assign(new Error("no"), { name: refusal });
  const track = new Track(kind);
  opened.push(track);
  return { getAudioTracks: () => [track], getVideoTracks: () => [track] };
}

beforeEach((t) => {
  [opened, refusal, isTaken, changes, told] = [[], "", false, 0, []];
  present = ["audioinput", "videoinput"];
  const mediaDevices = {
    getUserMedia: ({ audio }) => request(audio ? "audio" : "video"),
    getDisplayMedia: () => request("video"),
    enumerateDevices: async () => present.map((kind) => ({ kind })),
  };
  Object.defineProperty(globalThis, "navigator", { value: { mediaDevices }, configurable: true });
  globalThis.MediaStream = class {};
  globalThis.AudioContext = class {
    createAnalyser = () => ({});
    createMediaStreamSource = () => ({ connect() {} });
    close() {}
  };
  tracks = new LocalTracks({
    onChange: () => (changes += 1),
    onEnded: (device) => told.push(["ended", device]),
    onReplaced: (device, label) => told.push(["replaced", device, label]),
  });
});

afterEach(() => {
  tracks.closeAll();
});

/** Time in which a track is taken for no more than a moment, or for longer. */
const BRIEF_MS = 600;
const LONG_MS = 900;

for (const [device, open] of [
  ["microphone", "openMicrophone"],
  ["camera", "openCamera"],
  ["screen", "openScreen"],
]) {
  test(`it says that the system has taken the ${device}, and that it is back`, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    await tracks[open]();
    changes = 0;
    opened[0].take();
    t.mock.timers.tick(BRIEF_MS);
    assert.deepEqual([[...tracks.interrupted], changes], [[], 0]);
    t.mock.timers.tick(LONG_MS - BRIEF_MS);
    assert.deepEqual([[...tracks.interrupted], changes], [[device], 1]);
    opened[0].giveBack();
    assert.deepEqual([[...tracks.interrupted], changes], [[], 2]);
  });

  test(`it says nothing of a ${device} that was gone for a moment`, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    await tracks[open]();
    changes = 0;
    opened[0].take();
    t.mock.timers.tick(BRIEF_MS);
    opened[0].giveBack();
    t.mock.timers.tick(LONG_MS);
    assert.equal(changes, 0);
  });

  test(`it forgets that a ${device} was taken when it is closed`, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    await tracks[open]();
    opened[0].take();
    t.mock.timers.tick(LONG_MS);
    tracks.close(device);
    assert.equal(tracks.interrupted.size, 0);
  });
}

for (const [device, open] of [
  ["microphone", "openMicrophone"],
  ["camera", "openCamera"],
]) {
  test(`it opens a ${device} anew that the system has taken, and lets go of the old`, async () => {
    await tracks[open]();
    opened[0].take();
    await tracks[open]();
    assert.equal(opened[0].readyState, "ended");
    assert.equal(tracks[device], opened[1]);
    await tracks[open]();
    assert.equal(opened.length, 2, "one that works is not opened again");
  });

  test(`it keeps no ${device} that cannot be had back`, async () => {
    await tracks[open]();
    opened[0].take();
    isTaken = true;
    await assert.rejects(tracks[open](), { reason: "busy" });
    assert.equal(tracks[device], null);
    assert.equal(opened[1].readyState, "ended");
    refusal = "NotReadableError";
    await assert.rejects(tracks[open](), { reason: "busy" });
  });

  test(`it takes the next ${device} when one is unplugged, and names it`, async () => {
    await tracks[open]();
    await opened[0].unplug();
    assert.equal(tracks[device], opened[1]);
    assert.deepEqual(told, [["replaced", device, "Device 2"]]);
  });

  test(`it says that the last ${device} was unplugged`, async () => {
    await tracks[open]();
    present = [];
    await opened[0].unplug();
    assert.equal(tracks[device], null);
    assert.deepEqual(told, [["ended", device]]);
  });

  test(`it opens no ${device} anew that was closed while another one was looked for`, async () => {
    await tracks[open]();
    const unplugged = opened[0].unplug();
    tracks.close(device);
    await unplugged;
    assert.equal(tracks[device], null);
    assert.deepEqual(told, []);
    assert.ok(opened.every((track) => track.readyState === "ended"));
  });

  test(`it goes on with another ${device} when one is plugged in while the first is taken`, async (t) => {
    t.mock.timers.enable({ apis: ["setTimeout"] });
    await tracks[open]();
    opened[0].take();
    t.mock.timers.tick(LONG_MS);
    isTaken = true;
    await tracks.onDeviceChange();
    assert.equal(tracks[device], opened[0], "a change that is no help");
    isTaken = false;
    await tracks.onDeviceChange();
    assert.equal(tracks[device], opened[2]);
    assert.equal(tracks.interrupted.size, 0);
  });
}

test("it leaves the choice of another window to the person", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  await tracks.openScreen();
  opened[0].take();
  t.mock.timers.tick(LONG_MS);
  await tracks.onDeviceChange();
  assert.equal(opened.length, 1);
  await opened[0].unplug();
  assert.deepEqual(told, [["ended", "screen"]]);
});
