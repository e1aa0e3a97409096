import assert from "node:assert/strict";
import { test } from "node:test";

import { formatFor } from "../../../../static/js/voice/capture.js";

test("it records in what the browser can write, Opus before AAC", () => {
  assert.equal(
    formatFor(() => true),
    "audio/webm;codecs=opus",
  ); // Chromium, Firefox.
  assert.equal(
    formatFor((type) => type.startsWith("audio/mp4")),
    "audio/mp4;codecs=mp4a.40.2",
  ); // Safari.
  assert.equal(
    formatFor((type) => type === "audio/mp4"),
    "audio/mp4",
  ); // Older Safari.
  assert.equal(
    formatFor((type) => type.startsWith("audio/ogg")),
    "audio/ogg;codecs=opus",
  );
});

test("it lets the browser choose when it knows none of them", () => {
  assert.equal(
    formatFor(() => false),
    "",
  );
});
