import assert from "node:assert/strict";
import { test } from "node:test";

import { BARS, barsOf, clock, heardBars } from "../../../../static/js/voice/waveform.js";

test("it draws as many bars as there is room for, whatever the length", () => {
  for (const count of [0, 1, 7, 58, 1400])
    assert.equal(barsOf(Array(count).fill(0.5)).length, BARS);
});

test("it makes the loudest bar 100 and silence 0", () => {
  const bars = barsOf([...Array(100).fill(0), ...Array(100).fill(0.2), ...Array(100).fill(0.4)]);
  assert.equal(Math.max(...bars), 100);
  assert.deepEqual([bars[0], bars[30], bars[57]], [0, 50, 100]);
  assert.deepEqual(barsOf(Array(100).fill(0)), Array(BARS).fill(0));
});

test("it counts what has been heard", () => {
  const table = [
    [0, 1000, 0],
    [500, 1000, 29],
    [1000, 1000, 58],
    [2000, 1000, 58],
    [10, 0, 0],
  ];
  for (const [position, duration, heard] of table)
    assert.equal(heardBars(position, duration, BARS), heard);
});

test("it tells the time", () => {
  for (const [ms, text] of [
    [0, "0:00"],
    [999, "0:00"],
    [42_000, "0:42"],
    [140_000, "2:20"],
    [-5, "0:00"],
  ])
    assert.equal(clock(ms), text);
});
