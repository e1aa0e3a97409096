import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { RoomSocket, backoff } from "../../../../static/js/room/socket.js";
import { ServerClock } from "../../../../static/js/net/server_clock.js";
import { FakeWebSocket } from "../fake_web_socket.mjs";

const HOUR = 3_600_000;
let log;
let socket;
let clock;
let deviceIsOff; // What the device's own clock is wrong by.
const wire = () => FakeWebSocket.last;

beforeEach(() => {
  FakeWebSocket.install();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  log = { messages: [], links: [], final: null };
  deviceIsOff = 0;
  // The mocked Date is what passes; nobody sets it.
  clock = new ServerClock(
    () => Date.now(),
    () => Date.now() + deviceIsOff,
  );
  const listener = {
    onMessage: (message) => log.messages.push(message.type),
    onLink: (link) => log.links.push(link),
    onFinal: (code) => (log.final = code),
  };
  socket = new RoomSocket("ws://here/", listener, clock);
  socket.open();
});

afterEach(() => {
  socket.close();
  mock.timers.reset();
});

test("it gives each call the answer with its ref", async () => {
  wire().open();
  const [one, two] = [socket.call("mic.set", { on: true }), socket.call("people.get")];
  const [first, second] = wire().sent;
  assert.deepEqual(first, { type: "mic.set", ref: first.ref, on: true });
  wire().hear({ type: "people", ref: second.ref, people: [] });
  wire().hear({ type: "ok", ref: first.ref });
  assert.equal((await one).type, "ok");
  assert.equal((await two).type, "people");
});

test("it rejects a refused call with the server's code and sentence", async () => {
  wire().open();
  const call = socket.call("speak.approve", { user: 2 });
  wire().hear({
    type: "error",
    ref: wire().sent[0].ref,
    code: "stage_full",
    message: "Stage is full.",
  });
  await assert.rejects(call, { code: "stage_full", message: "Stage is full." });
});

test("it rejects what still waits when the connection is lost", async () => {
  wire().open();
  const call = socket.call("space.start");
  wire().close(1006);
  await assert.rejects(call, { code: "lost" });
});

test("it rejects at once without a connection", async () => {
  await assert.rejects(socket.call("space.start"), { code: "lost" });
});

test("it rejects a call that is never answered", async () => {
  wire().open();
  const call = socket.call("space.start");
  mock.timers.tick(10_000);
  await assert.rejects(call, { code: "no_answer" });
});

test("it tells the room about an offer that answers a call", async () => {
  wire().open();
  const call = socket.call("media.connect");
  wire().hear({ type: "media.offer", ref: wire().sent[0].ref });
  await call;
  assert.deepEqual(log.messages, ["media.offer"]);
});

test("it pings every five seconds and says how far it has read", () => {
  wire().open();
  mock.timers.tick(5_000);
  assert.deepEqual(wire().sent, [{ type: "ping" }]);
  wire().hear({ type: "pong", n: 1, rev: 4 });
  mock.timers.tick(5_000);
  assert.deepEqual(wire().sent.at(-1), { type: "ping", seen: 1 });
});

for (const now_ms of [5 * HOUR, 61_000]) {
  test(`it learns the server's time from the first snapshot and each pong: ${now_ms} ms`, () => {
    wire().open();
    wire().hear({ type: "space.snapshot", now_ms });
    assert.equal(clock.now(), now_ms);
    mock.timers.tick(5_000);
    mock.timers.tick(20);
    wire().hear({ type: "pong", n: 1, rev: 1, now_ms: now_ms + HOUR });
    assert.equal(clock.now(), now_ms + HOUR + 10, "half of the way there and back");
  });
}

test("it learns the time from a snapshot that it asked for", async () => {
  wire().open();
  mock.timers.tick(1_000);
  const call = socket.call("snapshot.get");
  mock.timers.tick(40);
  wire().hear({ type: "space.snapshot", ref: wire().sent[0].ref, now_ms: HOUR });
  await call;
  assert.equal(clock.now(), HOUR + 20);
});

test("it keeps a line that answers when the device's clock is set", () => {
  wire().open();
  deviceIsOff = 5 * HOUR;
  mock.timers.tick(5_000);
  wire().hear({ type: "pong", n: 1, rev: 1, now_ms: 1 });
  mock.timers.tick(4_999);
  assert.equal(log.links.at(-1), "open");
});

test("it asks a line at once when the device may have slept, and drops a dead one", () => {
  wire().open();
  deviceIsOff = HOUR; // The watch stood still, the clock did not.
  mock.timers.tick(5_000);
  mock.timers.tick(2_000);
  assert.equal(log.links.at(-1), "lost");
});

test("it gives up a line on which nothing is heard", () => {
  wire().open();
  mock.timers.tick(15_000);
  assert.equal(log.links.at(-1), "lost");
});

test("it comes back by itself after a loss, slower each time", () => {
  for (const wait of [625, 1_250, 2_500, 5_000, 6_250, 6_250]) {
    const before = FakeWebSocket.all.length;
    wire().open();
    wire().close(1006);
    mock.timers.tick(wait);
    assert.equal(FakeWebSocket.all.length, before + 1, `after ${wait} ms at most`);
  }
});

test("it is quick again once it has been in the room", () => {
  for (let loss = 0; loss < 5; loss += 1) {
    wire().open();
    wire().close(1006);
    mock.timers.tick(6_250);
  }
  wire().open();
  wire().hear({ type: "space.snapshot" });
  wire().close(1006);
  const before = FakeWebSocket.all.length;
  mock.timers.tick(625);
  assert.equal(FakeWebSocket.all.length, before + 1);
});

for (const code of [1000, 4401, 4403, 4408, 4410]) {
  test(`it does not come back after ${code}`, () => {
    wire().open();
    wire().close(code);
    mock.timers.tick(60_000);
    assert.equal(FakeWebSocket.all.length, 1);
    assert.equal(log.final, code);
  });
}

test("it waits longer after too many messages", () => {
  wire().open();
  wire().close(4429);
  mock.timers.tick(4_999);
  assert.equal(FakeWebSocket.all.length, 1);
  mock.timers.tick(1);
  assert.equal(FakeWebSocket.all.length, 2);
});

test("it does not sit out a wait when the network is back", () => {
  wire().open();
  wire().close(1006);
  socket.wake();
  assert.equal(FakeWebSocket.all.length, 2);
});

test("it drops an old line that does not answer when the network is back", () => {
  wire().open();
  mock.timers.tick(100);
  socket.wake();
  assert.equal(wire().sent.at(-1).type, "ping");
  mock.timers.tick(2_000);
  assert.equal(log.links.at(-1), "lost");
});

test("it keeps an old line that answers", () => {
  wire().open();
  mock.timers.tick(100);
  socket.wake();
  wire().hear({ type: "pong", n: 1, rev: 1 });
  mock.timers.tick(2_000);
  assert.equal(log.links.at(-1), "open");
});

test("it is silent for good after close", () => {
  wire().open();
  socket.close();
  mock.timers.tick(60_000);
  assert.equal(FakeWebSocket.all.length, 1);
  assert.equal(log.final, null);
});

test("it waits as the protocol says, with a quarter of jitter at most", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 9].map((tries) => backoff(tries, 0)),
    [500, 1_000, 2_000, 4_000, 5_000, 5_000],
  );
  assert.equal(backoff(4, 1), 6_250);
});
