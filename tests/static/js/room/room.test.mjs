/**
 * What a page does when a change of its room was lost, and when its server sends it to another
 * process.
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Room } from "../../../../static/js/room/room.js";
import { FakeWebSocket } from "../fake_web_socket.mjs";
import { seat, snapshot, space } from "./fixtures.mjs";

let room;
let links;
const wire = () => FakeWebSocket.last;
const asked = (type) => FakeWebSocket.all.flatMap((one) => one.sent).filter((m) => m.type === type);
const silence = new Proxy({}, { get: () => () => undefined });

beforeEach(async () => {
  FakeWebSocket.install();
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const address = { id: "s", url: "/spaces/s/", socketUrl: "ws://here/", blocked: new Set() };
  room = new Room(address, silence);
  links = [];
  room.watch({
    onChange: () => links.at(-1) !== room.pageState.link && links.push(room.pageState.link),
    onEvent: () => undefined,
    onLevels: () => undefined,
    onToast: (text) => assert.fail(text),
    onSolved: () => undefined,
  });
  room.enter();
  wire().open();
  wire().hear(snapshot({ rev: 5, space: space({ state: "live" }) }));
});

afterEach(() => {
  room.vanish();
  mock.timers.reset();
});

/** Answer the last request for a snapshot. */
async function answered(fields) {
  const { ref } = asked("snapshot.get").at(-1);
  wire().hear({ ...snapshot(fields), ref });
  await Promise.resolve();
}

for (const [what, lost] of [
  ["the change after it", { type: "seat.changed", rev: 7, seat: seat(3) }],
  ["the pong", { type: "pong", n: 1, rev: 6, now_ms: 1 }],
]) {
  test(`it asks for the room when ${what} shows that one was lost`, async () => {
    wire().hear(lost);
    assert.equal(asked("snapshot.get").length, 0, "the server may be faster");
    mock.timers.tick(2_500);
    assert.equal(asked("snapshot.get").length, 1);
    await answered({ rev: lost.rev, space: space({ title: "Mended" }) });
    assert.equal(room.state.space.title, "Mended");
    mock.timers.tick(10_000);
    assert.equal(asked("snapshot.get").length, 1, "once is enough");
  });
}

test("it asks for the room, and for captions, when a pong shows that something is missing", async () => {
  wire().hear({ type: "captions.status", available: true, status: "ok", reason: "" });
  room.readCaptions(true);
  wire().hear({ type: "pong", n: 1, rev: 5, now_ms: 1, sent: 2 });
  mock.timers.tick(2_500);
  assert.equal(asked("snapshot.get").length, 0, "nothing is");
  // Of two messages one came; the pong before counts, too.
  wire().hear({ type: "recording.failed", reason: "disk_full" });
  wire().hear({ type: "pong", n: 2, rev: 5, now_ms: 1, sent: 5 });
  mock.timers.tick(2_500);
  assert.equal(asked("snapshot.get").length, 1);
  await answered({ rev: 5, recording_trouble: "" });
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  assert.equal(asked("captions.set").length, 2);
  // What was lost is lost once: from here on it counts on.
  wire().hear({ type: "pong", n: 3, rev: 5, now_ms: 1, sent: 7 });
  mock.timers.tick(2_500);
  assert.equal(asked("snapshot.get").length, 1);
});

test("it counts anew on a new connection", () => {
  wire().hear({ type: "pong", n: 1, rev: 5, now_ms: 1, sent: 1 });
  wire().close(1006);
  mock.timers.tick(1_000);
  wire().open();
  wire().hear(snapshot({ rev: 5, space: space({ state: "live" }) }));
  wire().hear({ type: "pong", n: 1, rev: 5, now_ms: 1, sent: 1 });
  mock.timers.tick(2_500);
  assert.equal(asked("snapshot.get").length, 0);
});

test("it asks nothing when the server shows the room by itself", () => {
  wire().hear({ type: "pong", n: 1, rev: 6, now_ms: 1 });
  mock.timers.tick(400);
  wire().hear(snapshot({ rev: 6, space: space({ title: "Shown" }) }));
  mock.timers.tick(10_000);
  assert.equal(room.state.space.title, "Shown");
  assert.equal(asked("snapshot.get").length, 0);
});

test("it asks again while it is behind", async () => {
  wire().hear({ type: "pong", n: 1, rev: 8, now_ms: 1 });
  mock.timers.tick(2_500);
  await answered({ rev: 7 });
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  mock.timers.tick(2_500);
  assert.equal(asked("snapshot.get").length, 2);
});

test("a thousand pages do not ask at the same moment", () => {
  const waits = new Set();
  for (let page = 0; page < 20; page += 1) {
    const random = mock.method(Math, "random", () => page / 20);
    const other = new Room(
      { id: "s", url: "", socketUrl: "ws://here/", blocked: new Set() },
      silence,
    );
    other.enter();
    const line = wire();
    line.open();
    line.hear(snapshot({ rev: 5 }));
    line.hear({ type: "pong", n: 1, rev: 6, now_ms: 1 });
    let waited = 0;
    while (!line.sent.some((one) => one.type === "snapshot.get") && waited < 5_000) {
      mock.timers.tick(10);
      waited += 10;
    }
    waits.add(waited);
    other.vanish();
    random.mock.restore();
  }
  assert.equal(waits.size, 20);
  assert.ok(Math.max(...waits) <= 2_500 && Math.min(...waits) >= 500);
});

test("it keeps its sound when the room is shown again in the middle", async () => {
  room.listen();
  const before = asked("media.connect").length;
  assert.equal(before, 1);
  wire().hear(snapshot({ rev: 6, space: space({ state: "live" }) }));
  await Promise.resolve();
  assert.equal(asked("media.connect").length, before);
});

test("it asks for a new way of its sound on a new socket", async () => {
  room.listen();
  wire().close(1006);
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve(); // The old request is refused.
  mock.timers.tick(1_000);
  wire().open();
  wire().hear(snapshot({ rev: 6, space: space({ state: "live" }) }));
  assert.equal(wire().sent.filter((one) => one.type === "media.connect").length, 1);
});

test("it says nothing when its process sends it to another one", () => {
  links.length = 0;
  wire().close(1012);
  mock.timers.tick(700);
  wire().open();
  wire().hear(snapshot({ rev: 5 }));
  assert.deepEqual(links, ["opening", "open"]);
});

test("it says that the line is lost when nobody answers there", () => {
  links.length = 0;
  wire().close(1012);
  mock.timers.tick(700);
  wire().close(1006);
  assert.deepEqual(links, ["opening", "lost"]);
});
