import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Outgoing, Refusal } from "../../../../static/js/messages/outgoing.js";

let posted;
let answers;
let shown;
let outgoing;

const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};
const item = (token, url = "/messages/1/") => ({ token, url, body: new FormData(), text: token });

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  posted = [];
  answers = [];
  shown = [];
  outgoing = new Outgoing(
    async ({ token }) => {
      posted.push(token);
      const answer = answers.shift();
      if (answer) throw answer;
    },
    ({ token, state, why }) => shown.push([token, state, why].filter(Boolean).join(" ")),
  );
});

afterEach(() => mock.timers.reset());

test("it sends one after the other, in order", async () => {
  ["a", "b", "c"].forEach((token) => outgoing.add(item(token)));
  assert.deepEqual(posted, ["a"]);
  await settle();
  assert.deepEqual(posted, ["a", "b", "c"]);
  assert.deepEqual(
    shown.filter((line) => line.endsWith("sent")),
    ["a sent", "b sent", "c sent"],
  );
  assert.ok(outgoing.isEmpty);
});

test("it holds the others up while the line is down, and goes on in order", async () => {
  answers = [new Error("down"), new Error("down")];
  ["a", "b"].forEach((token) => outgoing.add(item(token)));
  await settle();
  assert.deepEqual(posted, ["a"]);
  assert.equal(shown.at(-1), "a late");
  mock.timers.tick(1_000);
  await settle();
  assert.deepEqual(posted, ["a", "a"]);
  mock.timers.tick(2_000);
  await settle();
  assert.equal(posted.length, 2); // The second wait is longer.
  mock.timers.tick(1_000);
  await settle();
  assert.deepEqual(posted, ["a", "a", "a", "b"]);
});

test("it does not wait when the line is said to be back", async () => {
  answers = [new Error("down")];
  outgoing.add(item("a"));
  await settle();
  outgoing.retry();
  await settle();
  assert.deepEqual(posted, ["a", "a"]);
  mock.timers.tick(60_000);
  await settle();
  assert.equal(posted.length, 2); // The wait it cut short does not come back.
});

test("it lets the others pass one that was refused, which can be tried again or dropped", async () => {
  answers = [new Refusal("Too long.")];
  ["a", "b"].forEach((token) => outgoing.add(item(token)));
  await settle();
  assert.deepEqual(posted, ["a", "b"]);
  assert.ok(shown.includes("a refused Too long."));
  outgoing.retry("a");
  await settle();
  assert.deepEqual(posted, ["a", "b", "a"]);
  answers = [new Refusal("No.")];
  outgoing.add(item("c"));
  await settle();
  outgoing.drop("c");
  assert.ok(outgoing.isEmpty);
});

test("it keeps what belongs to another conversation apart", async () => {
  answers = [new Error("down")];
  outgoing.add(item("a", "/messages/1/"));
  outgoing.add(item("b", "/messages/2/"));
  await settle();
  assert.deepEqual(
    outgoing.waitingFor("/messages/2/").map((one) => one.token),
    ["b"],
  );
});

test("it does not drop what is on its way", () => {
  outgoing.add(item("a"));
  outgoing.drop("a");
  assert.equal(outgoing.isEmpty, false);
});
