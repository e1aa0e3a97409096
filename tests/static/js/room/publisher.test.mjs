import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Publisher } from "../../../../static/js/room/publisher.js";
import { DeviceError, explain } from "../../../../static/js/room/media_devices.js";
import { reduce } from "../../../../static/js/room/state.js";
import { me, person, seat, snapshot, space } from "./fixtures.mjs";

let room;
let publisher;
let asked;
let sent;
let said;
let refusal;
let answer;

/** LocalTracks that open at once and remember it. */
class LocalTracks {
  microphone = null;
  camera = null;
  screen = null;
  closed = [];
  interrupted = new Set();

  async openMicrophone() {
    this.microphone ??= { kind: "audio" };
  }

  async openCamera() {
    this.camera ??= { kind: "video" };
  }

  async openScreen() {
    this.screen ??= { kind: "video" };
  }

  async askForMicrophone() {
    asked.push(["permission"]);
  }

  close(device) {
    this[device] = null;
    this.closed.push(device);
  }

  closeAll() {
    for (const device of ["microphone", "camera", "screen"]) this.close(device);
  }
}

const onStage = (fields = {}) =>
  snapshot({
    me: me({ user: person(2), role: "speaker" }),
    stage: [seat(1, { role: "host" }), seat(2, fields)],
  });

/** Let the room be in a new state, as after a message. */
function become(message) {
  const before = room.state;
  room.state = reduce(before, message);
  publisher.follow(before);
}

beforeEach(() => {
  [asked, sent, said, refusal, answer] = [[], {}, [], null, { type: "ok" }];
  room = {
    state: reduce(null, onStage()),
    socket: {
      async call(type, fields) {
        asked.push([type, fields]);
        if (refusal) throw refusal;
        return answer;
      },
    },
    peer: { send: (source, track) => (sent[source] = track) },
    async whileBusy(what, work) {
      try {
        return await work();
      } catch (error) {
        said.push(error.message);
        return null;
      }
    },
    toast: (text) => said.push(text),
    solved: () => {},
    changed: () => {},
  };
  publisher = new Publisher(room);
  publisher.tracks = new LocalTracks();
});

test("it opens the microphone and sends it only once the seat says so", async () => {
  await publisher.setMicrophone(true);
  assert.deepEqual(asked, [["mic.set", { on: true }]]);
  assert.equal(sent.microphone, null, "the server has not said yet that it is on");
  become({ type: "seat.changed", rev: 6, seat: seat(2, { mic: true }) });
  assert.equal(sent.microphone, publisher.tracks.microphone);
});

test("it stops sending when a host mutes, keeps the device, and says so", async () => {
  await publisher.setMicrophone(true);
  become({ type: "seat.changed", rev: 6, seat: seat(2, { mic: true }) });
  become({ type: "seat.changed", rev: 7, seat: seat(2, { mic: false, muted_by: 1 }) });
  assert.equal(sent.microphone, null);
  assert.notEqual(publisher.tracks.microphone, null);
  assert.match(said[0], /You were muted/);
});

test("it says nothing about muting oneself", async () => {
  become({ type: "seat.changed", rev: 6, seat: seat(2, { mic: true }) });
  become({ type: "seat.changed", rev: 7, seat: seat(2, { mic: false, muted_by: 2 }) });
  assert.deepEqual(said, []);
});

test("it closes every device when the seat is gone", async () => {
  await publisher.setCamera(true);
  become({ type: "seat.removed", rev: 6, user: 2 });
  assert.deepEqual(publisher.tracks.closed, ["microphone", "camera", "screen"]);
});

test("it closes a camera or screen that was switched off from elsewhere", async () => {
  room.state = reduce(null, onStage({ camera: true, screen: true }));
  become({ type: "seat.changed", rev: 6, seat: seat(2) });
  assert.deepEqual(publisher.tracks.closed, ["camera", "screen"]);
});

test("it closes a camera that the server refuses", async () => {
  refusal = new Error("Video is switched off in this Space.");
  await publisher.setCamera(true);
  assert.equal(publisher.tracks.camera, null);
  assert.deepEqual(said, ["Video is switched off in this Space."]);
});

test("it starts the Space with the camera of the green room off, its light too", async () => {
  room.state = reduce(null, onStage());
  room.state = { ...room.state, space: space({ state: "green" }) };
  await publisher.tracks.openCamera();
  become({ type: "space.changed", rev: 6, space: space() });
  assert.equal(publisher.tracks.camera, null);
});

test("it tells the server what this page does not have open any more", () => {
  room.state = reduce(null, onStage({ mic: true, camera: true }));
  publisher.onSnapshot();
  assert.deepEqual(asked, [
    ["mic.set", { on: false }],
    ["camera.set", { on: false }],
  ]);
});

test("it goes on with a microphone that the server still has on, however long the server was away", async () => {
  await publisher.tracks.openMicrophone();
  become(onStage({ mic: true }));
  publisher.onSnapshot();
  assert.deepEqual(asked, []);
  assert.equal(sent.microphone, publisher.tracks.microphone);
});

test("it is silent when the server says that this person was away for too long", async () => {
  await publisher.tracks.openMicrophone();
  become(onStage({ mic: true }));
  become({ ...onStage({ mic: false }), rev: 9 });
  publisher.onSnapshot();
  assert.equal(sent.microphone, null);
});

/** The system takes devices, or gives them back. */
function take(...devices) {
  publisher.tracks.interrupted = new Set(devices);
  publisher.follow(room.state);
}

const reports = () => asked.filter(([type]) => type === "seat.interrupted");

test("it tells all what of theirs the system has taken, once", async () => {
  become({ type: "seat.changed", rev: 6, seat: seat(2, { mic: true, screen: true }) });
  take("screen", "microphone", "camera");
  take("screen", "microphone", "camera");
  assert.deepEqual(reports(), [["seat.interrupted", { sources: ["mic", "screen"] }]]);
});

test("it tells nothing that the server knows", async () => {
  const taken = seat(2, { mic: true, interrupted: ["mic"] });
  publisher.tracks.interrupted.add("microphone");
  become({ type: "seat.changed", rev: 6, seat: taken });
  assert.deepEqual(reports(), []);
});

test("it tells what came while it was telling", async () => {
  become({ type: "seat.changed", rev: 6, seat: seat(2, { mic: true, camera: true }) });
  take("microphone");
  take("microphone", "camera");
  await new Promise((done) => setImmediate(done));
  assert.deepEqual(
    reports().map(([, { sources }]) => sources),
    [["mic"], ["mic", "camera"]],
  );
});

test("it tells that all is back, also what another page had lost", async () => {
  become({ type: "seat.changed", rev: 6, seat: seat(2, { mic: true, interrupted: ["mic"] }) });
  assert.deepEqual(reports(), [["seat.interrupted", { sources: [] }]]);
});

test("it takes the microphone back by the tap that would mute it else", async () => {
  let opened = 0;
  publisher.tracks.openMicrophone = async () => (opened += 1);
  become({ type: "seat.changed", rev: 6, seat: seat(2, { mic: true }) });
  take("microphone");
  await publisher.toggleMicrophone();
  assert.equal(opened, 1);
  assert.deepEqual(asked.at(-1), ["mic.set", { on: true }]);
  take();
  await publisher.toggleMicrophone();
  assert.deepEqual(asked.at(-1), ["mic.set", { on: false }]);
});

test("it mutes a microphone that cannot be had back, rather than have it come on by itself", async () => {
  publisher.tracks.openMicrophone = () =>
    Promise.reject(new DeviceError("busy", "Close it there."));
  become({ type: "seat.changed", rev: 6, seat: seat(2, { mic: true }) });
  take("microphone");
  await publisher.toggleMicrophone();
  assert.deepEqual(asked.at(-1), ["mic.set", { on: false }]);
  assert.deepEqual(said, ["Close it there."]);
});

test("it takes the camera back by a tap, too", async () => {
  become({ type: "seat.changed", rev: 6, seat: seat(2, { camera: true }) });
  take("camera");
  await publisher.toggleCamera();
  assert.deepEqual(asked.at(-1), ["camera.set", { on: true }]);
});

test("it says that one waits for a free seat where pressing Speak would have taken one", async () => {
  room.state = reduce(
    null,
    snapshot({ space: space({ speak_rule: "everyone" }), me: me({ user: person(2) }) }),
  );
  answer = { type: "ok", state: "requested" };
  await publisher.requestToSpeak("");
  assert.match(said[0], /full/);
});

test("it asks for the microphone before it asks to speak", async () => {
  await publisher.requestToSpeak("About the dam");
  assert.deepEqual(asked, [["permission"], ["speak.request", { reason: "About the dam" }]]);
});

test("it sends no empty reason", async () => {
  await publisher.requestToSpeak("");
  assert.deepEqual(asked.at(-1), ["speak.request", {}]);
});

test("it does not stand in line for a microphone that the browser keeps closed", async () => {
  publisher.tracks.askForMicrophone = () => Promise.reject(new DeviceError("denied", "Allow it."));
  await publisher.requestToSpeak("");
  assert.deepEqual([asked, said], [[], ["Allow it."]]);
});

test("it stands in line while the microphone is missing, and says so", async () => {
  publisher.tracks.askForMicrophone = () =>
    Promise.reject(new DeviceError("missing", "Plug one in."));
  await publisher.requestToSpeak("");
  assert.deepEqual([asked, said], [[["speak.request", {}]], ["Plug one in."]]);
});

for (const [name, reason] of [
  ["NotAllowedError", "denied"],
  ["NotFoundError", "missing"],
  ["OverconstrainedError", "missing"],
  ["NotReadableError", "busy"],
  ["AbortError", "busy"],
]) {
  test(`it explains ${name} in a sentence that says what to do`, () => {
    const error = explain("microphone", new DOMException("", name));
    assert.equal(error.reason, reason);
    assert.match(error.message, /then try again\.$/);
  });
}
