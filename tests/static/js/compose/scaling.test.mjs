import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { mayMove, scaleFor } from "../../../../static/js/compose/scaling.js";

const BOUNDS = { area: 2_560_000, short: 1080, longArea: 12_000_000 };

/** @param {number} width @param {number} height */
function scaled(width, height) {
  const scale = scaleFor(width, height, BOUNDS);
  return [Math.round(width * scale), Math.round(height * scale)];
}

test("it scales by area, and keeps a long one readable", () => {
  assert.deepEqual(scaled(8064, 6048), [1848, 1386]);
  assert.deepEqual(scaled(990, 11_490), [990, 11_490]);
  assert.deepEqual(scaled(3000, 12_000), [1080, 4320]);
  assert.deepEqual(scaled(1170, 30_000), [639, 16_383]);
  assert.deepEqual(scaled(640, 480), [640, 480]);
});

/** @param {string} text */
const bytes = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

test("it leaves alone what may move", () => {
  const data = new URL("../../../accounts/data/", import.meta.url);
  assert.equal(mayMove(readFileSync(new URL("anim.gif", data))), true);
  assert.equal(mayMove(readFileSync(new URL("anim.webp", data))), true);
  assert.equal(mayMove(readFileSync(new URL("icc_swapped.jpg", data))), false);
  assert.equal(mayMove(readFileSync(new URL("grey_16bit_ramp.png", data))), false);
  assert.equal(mayMove(bytes("\x89PNG....IHDR....acTL....IDAT")), true);
  assert.equal(mayMove(bytes("RIFF....WEBPVP8X....\x10...")), false);
  assert.equal(mayMove(bytes("RIFF....WEBPVP8 ....\x02...")), false);
  assert.equal(mayMove(bytes("")), false);
});
