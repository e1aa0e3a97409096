import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { PingTimes, ServerClock } from "../../../../static/js/net/server_clock.js";

const HOUR = 3_600_000;
const SERVER = 1_800_000_000_000; // The server's time when the page's own watch shows 0.

let elapsed;
let device;
let clock;

beforeEach(() => {
  elapsed = 0;
  device = SERVER + 5 * HOUR;
  clock = new ServerClock(
    () => elapsed,
    () => device,
  );
});

/** An answer that takes so long on each way. */
function ask(there, back, server = SERVER) {
  const askedAt = clock.askedAt;
  elapsed += there;
  const told = server + elapsed;
  elapsed += back;
  clock.learn(told, askedAt);
}

test("it goes by the device until it knows better", () => {
  assert.equal(clock.now(), device);
});

for (const off of [5 * HOUR, -5 * HOUR, 61_000, -61_000]) {
  test(`it goes by the server on a device that is ${off} ms off`, () => {
    device = SERVER + off;
    ask(40, 40);
    assert.equal(clock.now(), SERVER + elapsed);
    elapsed += 5_000;
    assert.equal(clock.date().getTime(), SERVER + elapsed);
  });
}

test("it halves the way there and back", () => {
  ask(300, 100);
  assert.equal(clock.now(), SERVER + elapsed + 100, "off by half of the difference, no more");
});

test("it keeps the better of two samples", () => {
  ask(10, 10);
  ask(900, 100);
  assert.equal(clock.now(), SERVER + elapsed);
  ask(1, 1);
  assert.equal(clock.now(), SERVER + elapsed);
});

test("it lets a good sample age", () => {
  ask(10, 10);
  elapsed += 24 * HOUR;
  ask(100, 60, SERVER + 500);
  assert.equal(clock.now(), SERVER + 500 + elapsed + 20);
});

test("it is right again at the first answer after a sleep in which its watch stood still", () => {
  ask(5, 5);
  ask(200, 100, SERVER + HOUR);
  assert.equal(clock.now(), SERVER + HOUR + elapsed + 50);
});

test("it follows a server whose own clock was set", () => {
  ask(5, 5);
  ask(5, 5, SERVER - 3_000);
  assert.equal(clock.now(), SERVER - 3_000 + elapsed);
});

test("it takes no notice of a device that is set while the page is open", () => {
  ask(5, 5);
  device -= 5 * HOUR;
  assert.equal(clock.now(), SERVER + elapsed);
});

test("it takes in nothing that is no time", () => {
  for (const told of [NaN, 0, -1, Infinity]) clock.learn(told, 0);
  clock.learn(SERVER, 10, 5); // An answer before the question.
  assert.equal(clock.now(), device);
});

test("a pong is a sample for its ping", () => {
  const pings = new PingTimes(clock);
  pings.sent();
  elapsed += 30;
  pings.answered(SERVER + 15);
  assert.equal(clock.now(), SERVER + elapsed);
});

test("a pong that nobody asked for is none", () => {
  const pings = new PingTimes(clock);
  pings.sent();
  pings.reset();
  pings.answered(SERVER);
  assert.equal(clock.now(), device);
});

test("a ping that the server did not take makes the next look slow, not wrong", () => {
  const pings = new PingTimes(clock);
  pings.sent();
  elapsed += 5_000;
  pings.sent();
  elapsed += 20;
  pings.answered(SERVER + elapsed - 10);
  assert.ok(Math.abs(clock.now() - (SERVER + elapsed)) <= 2_510);
});
