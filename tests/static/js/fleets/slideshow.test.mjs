// How the viewer of Fleets goes on, stops and steps.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Slideshow, durationFor } from "../../../../static/js/fleets/slideshow.js";

test("a picture stands six seconds, a long text longer, none for ever", () => {
  assert.equal(durationFor(0), 6000);
  assert.equal(durationFor(40), 6000);
  assert.equal(durationFor(140), 9700);
  assert.equal(durationFor(100000), 15000);
});

test("it goes to the next when the time of one has passed, and is over after the last", () => {
  const run = new Slideshow([1000, 500], 0);
  assert.equal(run.pass(999), "same");
  assert.equal(run.pass(1), "moved");
  assert.deepEqual([run.at, run.passedMs], [1, 0]);
  assert.equal(run.pass(500), "over");
  assert.equal(run.at, 1);
});

test("it runs on only when the last reason to hold is gone", () => {
  const run = new Slideshow([1000], 0);
  run.hold("press", true);
  run.hold("typing", true);
  run.hold("press", false);
  assert.equal(run.pass(5000), "same");
  assert.equal(run.share, 0);
  run.hold("typing", false);
  assert.equal(run.pass(1000), "over");
});

test("a step back begins the one before anew, and the first again", () => {
  const run = new Slideshow([1000, 1000], 1);
  run.pass(400);
  assert.equal(run.back(), "moved");
  assert.deepEqual([run.at, run.passedMs], [0, 0]);
  run.pass(400);
  assert.equal(run.back(), "before");
  assert.deepEqual([run.at, run.passedMs], [0, 0]);
});

test("a first one out of range is the nearest there is", () => {
  assert.equal(new Slideshow([1, 1], 9).at, 1);
  assert.equal(new Slideshow([1, 1], -1).at, 0);
});
