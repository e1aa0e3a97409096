import assert from "node:assert/strict";
import { test } from "node:test";

import { LONG_TARGET_MS, JitterBuffer } from "../../../../static/js/room/jitter_buffer.js";

/**
 * Looks every two seconds; each entry is what those two seconds were like: [share of holes,
 * pictures that stood still].
 */
function watch(buffer, moments, from = 0) {
  let [samples, concealed, freezes, now] = [0, 0, 0, from];
  const look = () =>
    buffer.onReports(
      [
        {
          type: "inbound-rtp",
          kind: "audio",
          totalSamplesReceived: samples,
          concealedSamples: concealed + samples,
          silentConcealedSamples: samples,
        },
        { type: "inbound-rtp", kind: "video", freezeCount: freezes },
        { type: "outbound-rtp", concealedSamples: 1e9 },
      ],
      now,
    );
  look();
  return moments.map(([holes, stills]) => {
    samples += 96_000;
    concealed += holes * 96_000;
    freezes += stills;
    now += 2_000;
    look();
    return buffer.targetMs(now);
  });
}

const good = [0, 0];

test("it leaves a good path to the browser, also after one hiccup", () => {
  assert.deepEqual(watch(new JitterBuffer(), [good, [0.2, 1], good, good]), [
    null,
    null,
    null,
    null,
  ]);
});

test("it waits when sound has holes again and again, or pictures stand still", () => {
  assert.deepEqual(watch(new JitterBuffer(), [[0.05, 0], [0.05, 0], good]), [
    null,
    LONG_TARGET_MS,
    LONG_TARGET_MS,
  ]);
  assert.deepEqual(watch(new JitterBuffer(), [[0, 1], good, [0, 2]]), [null, null, LONG_TARGET_MS]);
});

test("it takes two hiccups far apart for hiccups", () => {
  const targets = watch(new JitterBuffer(), [[0.05, 0], ...Array(6).fill(good), [0.05, 0]]);
  assert.equal(targets.at(-1), null);
});

test("it is itself again half a minute after the last trouble", () => {
  const targets = watch(new JitterBuffer(), [
    [0.05, 0],
    [0.05, 0],
    ...Array(10).fill(good),
    [0.05, 0],
    ...Array(16).fill(good),
  ]);
  assert.equal(targets[12], LONG_TARGET_MS);
  assert.equal(targets[26], LONG_TARGET_MS);
  assert.equal(targets.at(-1), null);
});

test("it waits as long as the relay calls the path poor", () => {
  const buffer = new JitterBuffer();
  buffer.onHealth("poor");
  assert.equal(buffer.targetMs(0), LONG_TARGET_MS);
  buffer.onHealth("audio_only");
  assert.equal(buffer.targetMs(0), LONG_TARGET_MS);
  buffer.onHealth("good");
  assert.equal(buffer.targetMs(0), null);
});

test("it does not take the counts of a new connection for trouble", () => {
  const buffer = new JitterBuffer();
  watch(buffer, [[0.5, 3]]);
  assert.deepEqual(watch(buffer, [good, good], 4_000), [null, null]);
});
