import assert from "node:assert/strict";
import { test } from "node:test";

import { Refusal, whenProcessed } from "../../../../static/js/voice/upload.js";

/** A server that answers one state after the other. @param {(object | Error)[]} answers */
function server(answers) {
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(url);
    const next = answers.shift();
    if (next instanceof Error) throw next;
    return { ok: next.ok ?? true, json: async () => next };
  };
  return asked;
}

const pending = { id: 7, state: "pending", code: "", message: "" };
const signal = new AbortController().signal;

test("it asks until the clip is ready", async () => {
  const asked = server([pending, { ...pending, state: "ready" }]);
  assert.equal((await whenProcessed("/posts/voice/", pending, signal)).state, "ready");
  assert.deepEqual(asked, ["/posts/voice/7/", "/posts/voice/7/"]);
});

test("it goes on asking when the line is down for a moment", async () => {
  server([new TypeError("offline"), { ok: false }, { ...pending, state: "ready" }]);
  assert.equal((await whenProcessed("/posts/voice/", pending, signal)).state, "ready");
});

test("it refuses with the server's sentence when the clip cannot be read", async () => {
  server([
    { ...pending, state: "failed", code: "too_long", message: "The recording is too long." },
  ]);
  await assert.rejects(whenProcessed("/posts/voice/", pending, signal), (error) => {
    return error instanceof Refusal && error.message === "The recording is too long.";
  });
});

test("it stops asking when the recording is thrown away", async () => {
  const aborted = new AbortController();
  const asked = server([pending, pending]);
  aborted.abort();
  assert.equal((await whenProcessed("/posts/voice/", pending, aborted.signal)).state, "pending");
  assert.deepEqual(asked, []);
});
