import assert from "node:assert/strict";
import { test } from "node:test";

process.env.TZ = "Asia/Jakarta";
const { countdown, day, dayAndTime, dayHeading, duration, inWords, waiting } = await import(
  "../../../static/js/time_format.js"
);

const MINUTE = 60_000;

test("it counts down to zero and no further", () => {
  assert.deepEqual([106_000, 59_400, 1, 0, -5_000].map(countdown), [
    "1:46",
    "1:00",
    "0:01",
    "0:00",
    "0:00",
  ]);
});

test("it names a length in minutes, then in hours", () => {
  assert.deepEqual([0, 48 * MINUTE, 64 * MINUTE, -MINUTE].map(duration), [
    "0 min",
    "48 min",
    "1 h 04 min",
    "0 min",
  ]);
});

test("it names a wait by its size", () => {
  assert.deepEqual([30_000, 12 * MINUTE, 185 * MINUTE, 3 * 1440 * MINUTE].map(waiting), [
    "in less than a minute",
    "in 12 min",
    "in 3 h 05 min",
    "in 3 days",
  ]);
});

test("it names near days by name, in the viewer's zone", () => {
  const now = new Date("2026-11-20T18:00:00Z"); // Already Saturday 21 November in Jakarta.
  assert.equal(day(new Date("2026-11-21T05:00:00Z"), now), "Today");
  assert.equal(day(new Date("2026-11-22T05:00:00Z"), now), "Tomorrow");
  assert.equal(day(new Date("2026-11-24T05:00:00Z"), now), "Tuesday");
  assert.equal(day(new Date("2026-12-05T05:00:00Z"), now), "5 December");
});

test("it writes the day before the month, as the server does", () => {
  assert.equal(
    dayHeading(new Date("2026-11-21T12:00:00Z"), new Date("2026-11-20T12:00:00Z")),
    "Tomorrow, 21 November",
  );
  assert.equal(
    dayHeading(new Date("2026-12-05T12:00:00Z"), new Date("2026-11-20T12:00:00Z")),
    "5 December",
  );
});

test("it names the zone", () => {
  assert.equal(
    dayAndTime(new Date("2026-11-21T12:00:00Z"), new Date("2026-11-20T12:00:00Z")),
    "Tomorrow, 19:00 WIB",
  );
});

test("it says a limit in the largest unit that loses nothing, a day in hours", () => {
  assert.deepEqual([30 * 86_400, 86_400, 5_400, 90, 1].map(inWords), [
    "30 days",
    "24 hours",
    "90 minutes",
    "90 seconds",
    "1 second",
  ]);
});
