import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Announcer } from "../../../static/js/announcer.js";

let changes;
let announcer;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  changes = [];
  const region = {
    set textContent(text) {
      changes.push(text);
    },
  };
  announcer = new Announcer(() => region);
});

afterEach(() => mock.timers.reset());

/** In small steps: a timer that a timer sets counts from the end of a step. */
function pass(ms) {
  for (let at = 0; at < ms; at += 50) mock.timers.tick(50);
}

/** What was written and read out, without the emptying. */
const heard = () => changes.filter(Boolean);

test("it empties the region before it writes", () => {
  announcer.say("Live");
  assert.deepEqual(changes, [""]);
  pass(100);
  assert.deepEqual(changes, ["", "Live"]);
});

test("it says the same eight times, four seconds apart", () => {
  for (let n = 0; n < 8; n += 1) {
    announcer.say("Reactions: 1 👏");
    pass(4_000);
  }
  assert.equal(heard().length, 8);
  for (let at = 0; at < changes.length - 1; at += 1)
    assert.notEqual(changes[at], changes[at + 1] || "x", "never the same twice in a row");
});

test("it says what comes together one after the other", () => {
  for (const text of ["One", "Two", "Two"]) announcer.say(text);
  pass(200);
  assert.deepEqual(heard(), ["One"]);
  pass(2_000);
  assert.deepEqual(changes.slice(0, 6), ["", "One", "", "Two", "", "Two"]);
});

test("it drops the oldest of a crowd that waits", () => {
  for (let n = 0; n < 100; n += 1) announcer.say(`Number ${n}`);
  for (let n = 0; n < 100; n += 1) pass(1_000);
  assert.equal(heard().length, 9);
  assert.equal(heard().at(-1), "Number 99");
});

test("it leaves the region empty, and says nothing of nothing", () => {
  for (const text of ["", null, undefined]) announcer.say(text);
  assert.deepEqual(changes, []);
  announcer.say("Gone");
  pass(1_000);
  assert.equal(changes.at(-1), "");
});
