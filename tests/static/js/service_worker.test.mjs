import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

/** What the worker asked the browser to listen for. */
const on = {};
let windows;
let shown;
let opened;
let kept;
let network;

const origin = "https://parley.example";
globalThis.self = {
  addEventListener: (name, handler) => (on[name] = handler),
  location: new URL(origin),
  clients: {
    matchAll: async () => windows,
    openWindow: async (url) => opened.push(url),
    claim: async () => undefined,
  },
  registration: { showNotification: async (title, options) => shown.push([title, options]) },
  skipWaiting: async () => undefined,
};
globalThis.fetch = async (request) => network(request);
globalThis.caches = {
  match: async (request) => kept.get(request.url ?? request),
  keys: async () => [],
  open: async () => undefined,
};

await import("../../../static/js/service_worker.js");

/** A tab that notes what is done to it. */
function tab(path, focused = false) {
  const done = [];
  return {
    url: origin + path,
    focused,
    done,
    focus: async () => done.push("focus"),
    postMessage: (message) => done.push(message),
  };
}

/** Send an event and wait for all the worker wants to wait for. */
async function send(name, event) {
  const waits = [];
  let answer;
  on[name]({
    ...event,
    waitUntil: (work) => waits.push(work),
    respondWith: (work) => (answer = work),
  });
  await Promise.all(waits);
  return answer;
}

const push = (said) =>
  send("push", { data: { text: () => (typeof said === "string" ? said : JSON.stringify(said)) } });
const click = (url) =>
  send("notificationclick", { notification: { close: () => undefined, data: { url } } });

beforeEach(() => {
  windows = [];
  shown = [];
  opened = [];
  kept = new Map();
  network = () => {
    throw new TypeError("offline");
  };
});

test("it shows what was pushed, and the newer of the same tag in its place", async () => {
  await push({ title: "Budi", body: "Tea?", url: "/messages/7/", tag: "conversation:7" });
  const [title, options] = shown[0];
  assert.deepEqual(
    [title, options.body, options.tag, options.data.url],
    ["Budi", "Tea?", "conversation:7", "/messages/7/"],
  );
});

test("it says nothing to who looks at that very page, and does to who looks elsewhere", async () => {
  windows = [tab("/messages/7/", true)];
  await push({ title: "Budi", url: "/messages/7/" });
  assert.equal(shown.length, 0);
  windows = [tab("/messages/7/", false), tab("/explore/", true)];
  await push({ title: "Budi", url: "/messages/7/" });
  assert.equal(shown.length, 1);
});

for (const url of ["https://evil.example/", "//evil.example/x", "javascript:alert(1)"]) {
  test(`it leads nowhere else: ${url}`, async () => {
    await push({ title: "Budi", url });
    assert.equal(shown[0][1].data.url, "/alerts/");
    await click(url);
    assert.deepEqual(opened, ["/alerts/"]);
  });
}

test("it shows something harmless for what it cannot read", async () => {
  await push("nonsense");
  assert.equal(shown[0][0], "Parley");
});

test("it opens the right page in a window of its own where there is none", async () => {
  await click("/messages/7/");
  assert.deepEqual(opened, ["/messages/7/"]);
});

test("it brings a window to the front that goes there by itself, so that a room in it plays on", async () => {
  const elsewhere = tab("/explore/");
  const there = tab("/messages/7/");
  windows = [elsewhere, there];
  await click("/messages/7/");
  assert.deepEqual(there.done, ["focus", { type: "visit", path: "/messages/7/" }]);
  assert.deepEqual(elsewhere.done, []);
  windows = [elsewhere];
  await click("/messages/7/");
  assert.deepEqual(elsewhere.done, ["focus", { type: "visit", path: "/messages/7/" }]);
});

test("it has the page without a line for visits, and for nothing else", async () => {
  kept.set("/offline/", "the page");
  const visit = await send("fetch", {
    request: { mode: "navigate", method: "GET", url: `${origin}/explore/` },
  });
  assert.equal(await visit, "the page");
  const call = await send("fetch", {
    request: { mode: "cors", method: "GET", url: `${origin}/api/v1/posts/` },
  });
  assert.equal(call, undefined);
  const form = await send("fetch", {
    request: { mode: "navigate", method: "POST", url: `${origin}/posts/` },
  });
  assert.equal(form, undefined);
});

test("it keeps out of the way while the line stands", async () => {
  network = () => "from the server";
  kept.set("/offline/", "the page");
  const visit = await send("fetch", {
    request: { mode: "navigate", method: "GET", url: `${origin}/explore/` },
  });
  assert.equal(await visit, "from the server");
});
