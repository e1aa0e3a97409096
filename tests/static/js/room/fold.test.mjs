/**
 * The shipped reducer against what the server sends: for every viewer of a random room, a snapshot
 * and the messages after it are what a fresh snapshot shows.
 *
 * SEQUENCES names another file than the one that `python -m tests.spaces.rooms.sequences` writes.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { isBehind, reduce } from "../../../../static/js/room/state.js";

const file = process.env.SEQUENCES ?? new URL("sequences.json", import.meta.url);
const { values, sequences } = JSON.parse(readFileSync(file, "utf8"));

test("it has sequences to fold", () => assert.ok(sequences.length > 0));

sequences.forEach(({ snapshot, messages, checks }, index) => {
  test(`it pieces together what a fresh snapshot shows: sequence ${index}`, () => {
    let state = reduce(null, values[snapshot]);
    let done = 0;
    for (const check of checks) {
      for (const place of messages.slice(done, check.after)) {
        state = reduce(state, values[place]);
        assert.ok(!isBehind(state), `${values[place].type} leaves no gap`);
      }
      done = check.after;
      assert.equal(state.rev, check.rev);
      // Who listens, who is heard and captions have messages of their own.
      for (const part of ["space", "me", "stage", "requests", "pins"]) {
        assert.deepEqual(state[part], values[check[part]], `${part} after ${done} messages`);
      }
    }
  });
});
