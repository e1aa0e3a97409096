import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { atMost, lengthOfLine, lengthOfLines } from "../../../static/js/text.js";

// The server counts the same, by tests/static/test_lengths.py.
const ROWS = JSON.parse(readFileSync(new URL("../lengths.json", import.meta.url), "utf8"));

for (const { text, line, lines } of ROWS)
  test(`it counts ${JSON.stringify(text)} as the server does`, () => {
    assert.equal(lengthOfLine(text), line);
    assert.equal(lengthOfLines(text), lines);
  });

test("it counts code points where a field counts UTF-16 units", () => {
  assert.equal(lengthOfLine("😀".repeat(50)), 50);
  assert.equal("😀".repeat(50).length, 100);
});

test("it lets any text of the length into a field", () => {
  assert.deepEqual(atMost(50), { "data-max-chars": 50, maxlength: 100 });
});
