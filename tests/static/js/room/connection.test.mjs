import assert from "node:assert/strict";
import { test } from "node:test";

import { Connection } from "../../../../static/js/room/connection.js";

const SLOTS = { audio: ["0"], video: "1", screen: "2", microphone: "3", camera: "4", display: "5" };

/** @param {(track: {id: string}) => Promise<void>} replaceTrack what every sender does */
function connection(replaceTrack) {
  const sent = [];
  const transceivers = ["0", "1", "2", "3", "4", "5"].map((mid) => ({
    mid,
    sender: {
      track: null,
      async replaceTrack(track) {
        await replaceTrack(track);
        this.track = track;
        sent.push(track?.id ?? null);
      },
      getParameters: () => ({ encodings: [{}] }),
      async setParameters(parameters) {
        this.parameters = parameters;
      },
    },
  }));
  const pc = { signalingState: "stable", getTransceivers: () => transceivers };
  return { sent, pc, transceivers, connection: new Connection("p1", pc, SLOTS) };
}

test("it sends one track after the other, each as it is when its turn comes", async () => {
  let release = () => {};
  const first = new Promise((done) => {
    release = done;
  });
  const made = connection((track) => (track?.id === "slow" ? first : Promise.resolve()));
  let wanted = { id: "slow", kind: "audio" };
  const turns = [made.connection.send("microphone", () => wanted)];
  await Promise.resolve();
  wanted = { id: "old", kind: "audio" };
  turns.push(made.connection.send("microphone", () => wanted));
  wanted = { id: "new", kind: "audio" };
  release();
  await Promise.all(turns);
  assert.deepEqual(made.sent, ["slow", "new"]);
});

test("it sends the next one although the browser refused one before", async () => {
  const made = connection((track) =>
    track?.id === "bad" ? Promise.reject(new Error("no")) : Promise.resolve(),
  );
  await assert.rejects(made.connection.send("camera", () => ({ id: "bad", kind: "video" })));
  await made.connection.send("microphone", () => ({ id: "good", kind: "audio" }));
  assert.deepEqual(made.sent, ["good"]);
});

test("it limits what a camera and a screen may take, and leaves a microphone alone", async () => {
  const made = connection(async () => {});
  for (const [source, kind] of [
    ["microphone", "audio"],
    ["camera", "video"],
    ["display", "video"],
  ]) {
    await made.connection.send(source, () => ({ id: source, kind }));
  }
  const limits = made.transceivers
    .slice(3)
    .map((one) => one.sender.parameters?.encodings[0].maxBitrate);
  assert.deepEqual(limits, [undefined, 1_500_000, 2_500_000]);
});

test("it does nothing any more on a closed connection", async () => {
  const made = connection(async () => {});
  made.pc.signalingState = "closed";
  await made.connection.send("microphone", () => ({ id: "late", kind: "audio" }));
  assert.deepEqual(made.sent, []);
});
