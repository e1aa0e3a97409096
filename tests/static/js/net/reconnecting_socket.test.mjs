import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { ReconnectingSocket, retryDelay } from "../../../../static/js/net/reconnecting_socket.js";
import { serverClock } from "../../../../static/js/net/server_clock.js";
import { FakeWebSocket } from "../fake_web_socket.mjs";

let log;
let socket;
let hidden;
const wire = () => FakeWebSocket.last;

beforeEach(() => {
  FakeWebSocket.install();
  hidden = false;
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  log = { messages: [], opened: [], lost: 0, isOut: false };
  socket = new ReconnectingSocket(
    "ws://here/ws/me/",
    {
      onMessage: (message) => log.messages.push(message.type),
      onOpen: (again) => log.opened.push(again),
      onLost: () => (log.lost += 1),
      onLogOut: () => (log.isOut = true),
    },
    () => hidden,
  );
  socket.open();
});

afterEach(() => mock.timers.reset());

function letIn() {
  wire().open();
  wire().hear({ type: "alerts", unread: 0 });
}

test("it hands on what it hears, but keeps pongs to itself", () => {
  letIn();
  wire().hear({ type: "pong", n: 3 });
  assert.deepEqual(log.messages, ["alerts"]);
  assert.deepEqual(log.opened, [false]);
});

test("it learns the server's time from the pong of its own ping", () => {
  letIn();
  wire().hear({ type: "pong", n: 1, now_ms: 1 });
  assert.ok(Math.abs(serverClock.now() - Date.now()) < 1, "nobody had asked");
  socket.wake();
  wire().hear({ type: "pong", n: 2, now_ms: 5_000_000 });
  assert.ok(Math.abs(serverClock.now() - 5_000_000) < 1_000);
});

test("it comes back after a loss, and says so", () => {
  letIn();
  wire().close(1006);
  assert.equal(FakeWebSocket.all.length, 1);
  mock.timers.tick(1_000);
  assert.equal(FakeWebSocket.all.length, 2);
  letIn();
  assert.deepEqual(log.opened, [false, true]);
  assert.equal(log.lost, 1);
});

test("it comes back when it got fewer messages than were sent", () => {
  letIn();
  wire().hear({ type: "messages", unread: 1 });
  wire().hear({ type: "sent", count: 2 });
  wire().hear({ type: "pong", n: 1, now_ms: 1 });
  wire().hear({ type: "sent", count: 4 });
  assert.equal(log.lost, 0, "nothing is missing");
  wire().hear({ type: "sent", count: 6 });
  mock.timers.tick(1_000);
  assert.deepEqual([log.lost, FakeWebSocket.all.length], [1, 2]);
  letIn();
  wire().hear({ type: "sent", count: 1 });
  mock.timers.tick(10_000);
  assert.deepEqual(log.opened, [false, true], "the page looks for itself");
  assert.equal(FakeWebSocket.all.length, 2);
  assert.ok(!log.messages.includes("sent"));
});

test("it waits longer each time, by chance not with all others", () => {
  assert.deepEqual(
    [0, 1, 5, 99].map((tries) => retryDelay(tries, false, 1)),
    [1_000, 2_000, 30_000, 30_000],
  );
  assert.equal(retryDelay(0, false, 0), 500);
  assert.equal(retryDelay(0, true, 1), 60_000);
});

test("it does not hammer a server that accepts and closes", () => {
  for (let round = 0; round < 5; round += 1) {
    wire().open();
    wire().close(4413);
    mock.timers.tick(1_000);
  }
  assert.ok(FakeWebSocket.all.length <= 3, `${FakeWebSocket.all.length} sockets in 5 s`);
});

test("it never comes back after a log-out", () => {
  letIn();
  wire().close(4401);
  mock.timers.tick(600_000);
  socket.wake();
  assert.equal(FakeWebSocket.all.length, 1);
  assert.equal(log.isOut, true);
});

test("it is in no hurry while nobody looks, and is when somebody does", () => {
  hidden = true;
  letIn();
  wire().close(1006);
  mock.timers.tick(20_000);
  assert.equal(FakeWebSocket.all.length, 1);
  hidden = false;
  socket.wake();
  assert.equal(FakeWebSocket.all.length, 2);
  socket.wake(); // It is on its way already.
  assert.equal(FakeWebSocket.all.length, 2);
});

test("it finds out that a line is dead", () => {
  letIn();
  socket.wake();
  assert.equal(wire().sent.at(-1).type, "ping");
  mock.timers.tick(4_000);
  mock.timers.tick(1_000);
  assert.equal(FakeWebSocket.all.length, 2);
});

test("it trusts a line that answers, and tells how far it has read", () => {
  letIn();
  socket.wake();
  mock.timers.tick(100);
  wire().hear({ type: "pong", n: 1 });
  mock.timers.tick(60_000);
  assert.equal(FakeWebSocket.all[0].sent.at(1).seen, 1);
});

test("it does not ping while hidden", () => {
  letIn();
  hidden = true;
  mock.timers.tick(300_000);
  assert.deepEqual(wire().sent, []);
});

test("it says nothing into the void", () => {
  assert.equal(socket.send({ type: "typing", conversation: 1 }), false);
  letIn();
  assert.equal(socket.send({ type: "typing", conversation: 1 }), true);
  assert.deepEqual(wire().sent, [{ type: "typing", conversation: 1 }]);
});
