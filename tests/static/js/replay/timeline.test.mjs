import assert from "node:assert/strict";
import { test } from "node:test";

import {
  clipFrom,
  clipTo,
  clock,
  lastBegun,
  nextSpeed,
  pinNow,
  saidNow,
  startOf,
} from "../../../../static/js/replay/timeline.js";

const HOUR = 3_600_000;

test("it writes moments as people read them", () => {
  for (const [ms, text] of [
    [0, "0:00"],
    [999, "0:00"],
    [65_000, "1:05"],
    [600_000, "10:00"],
    [HOUR + 65_000, "1:01:05"],
    [-5, "0:00"],
  ]) {
    assert.equal(clock(ms), text);
  }
});

test("it begins where the address says", () => {
  for (const [search, ms] of [
    ["?t=65", 65_000],
    ["?t=65s", 65_000],
    ["?t=1m5s", 65_000],
    ["?t=1h1m5", HOUR + 65_000],
    ["?x=1&t=5", 5_000],
  ]) {
    assert.equal(startOf(search, 2 * HOUR), ms, search);
  }
});

test("it begins at the beginning for nonsense and for what lies behind the end", () => {
  for (const search of ["", "?t=", "?t=-5", "?t=abc", "?t=1e9", "?t=99999", "?t=5m5h", "?t=%00"])
    assert.equal(startOf(search, 60_000), 0, search);
});

test("it finds the last thing that has begun", () => {
  const starts = [0, 1_000, 1_000, 5_000];
  for (const [ms, place] of [
    [-1, -1],
    [0, 0],
    [999, 0],
    [1_000, 2],
    [4_999, 2],
    [9_000, 3],
  ])
    assert.equal(lastBegun(starts, ms), place);
  assert.equal(lastBegun([], 5), -1);
});

test("it shows both lines while two talk at once, and none in a silence", () => {
  const lines = [
    { at: 0, end: 3_000 },
    { at: 1_000, end: 2_000 },
    { at: 10_000, end: 12_000 },
  ];
  assert.deepEqual(saidNow(lines, 500), [0]);
  assert.deepEqual(saidNow(lines, 1_500), [0, 1]);
  assert.deepEqual(saidNow(lines, 2_700), [0], "The one who talks longer stays.");
  assert.deepEqual(saidNow(lines, 6_000), []);
  assert.deepEqual(saidNow(lines, 11_000), [2]);
});

test("it shows a pinned post for a while, and the newer one instead", () => {
  assert.equal(pinNow([1_000, 5_000], 0), -1);
  assert.equal(pinNow([1_000, 5_000], 1_000), 0);
  assert.equal(pinNow([1_000, 5_000], 6_000), 1);
  assert.equal(pinNow([1_000, 5_000], 60_000), -1);
});

test("it steps through the speeds and stays at the ends", () => {
  assert.equal(nextSpeed(1, 1), 1.25);
  assert.equal(nextSpeed(1, -1), 0.75);
  assert.equal(nextSpeed(2, 1), 2);
  assert.equal(nextSpeed(0.5, -1), 0.5);
  assert.equal(nextSpeed(1.1, 1), 1.25, "A speed of somebody else's counts as the usual one.");
});

test("it keeps a clip between one second and the longest, whichever edge is moved", () => {
  const bounds = { durationMs: 60_000, longestMs: 30_000 };
  const clip = { from: 10_000, to: 20_000 };
  assert.deepEqual(clipFrom(clip, 15_000, bounds), { from: 15_000, to: 20_000 });
  assert.deepEqual(
    clipFrom(clip, 19_500, bounds),
    { from: 19_500, to: 49_500 },
    "Too short: thirty seconds from there.",
  );
  assert.deepEqual(clipFrom(clip, 30_000, bounds), { from: 30_000, to: 60_000 });
  assert.deepEqual(clipFrom(clip, 60_000, bounds), { from: 59_000, to: 60_000 });
  assert.deepEqual(clipTo(clip, 15_000, bounds), { from: 10_000, to: 15_000 });
  assert.deepEqual(
    clipTo(clip, 50_000, bounds),
    { from: 20_000, to: 50_000 },
    "Too long: the last thirty seconds.",
  );
  assert.deepEqual(clipTo(clip, 5_000, bounds), { from: 0, to: 5_000 });
  assert.deepEqual(clipTo(clip, 0, bounds), { from: 0, to: 1_000 });
});
