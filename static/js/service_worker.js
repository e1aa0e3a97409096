// @ts-check
/// <reference lib="webworker" />
/**
 * The service worker: shows pushes, opens what they are about, and has a page for when there is no
 * line. Pages, posts and files are never kept here: what somebody may see is the server's to say,
 * each time.
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const OFFLINE = "/offline/";
const STORE = "offline-1";

worker.addEventListener("install", (event) => {
  event.waitUntil(keepOffline());
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== STORE) await caches.delete(name);
      await worker.clients.claim();
    })(),
  );
});

/** Keep the offline page and what it is drawn with: its own links say what that is. */
async function keepOffline() {
  const store = await caches.open(STORE);
  const answer = await fetch(OFFLINE, { credentials: "omit", cache: "reload" });
  if (!answer.ok) return;
  const html = await answer.clone().text();
  const parts = [...html.matchAll(/(?:href|src)="(\/static\/[^"]+)"/g)].map((found) => found[1]);
  await store.put(OFFLINE, answer);
  await Promise.allSettled(parts.map((part) => store.add(part)));
  await worker.skipWaiting();
}

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET")
    event.respondWith(respondToNavigation(request));
  else if (new URL(request.url).pathname.startsWith("/static/"))
    event.respondWith(respondToStatic(request));
});

/** @param {Request} request */
async function respondToNavigation(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(OFFLINE)) ?? Response.error();
  }
}

/** @param {Request} request */
async function respondToStatic(request) {
  try {
    return await fetch(request);
  } catch {
    return (
      (await caches.match(request, { ignoreSearch: true, ignoreVary: true })) ?? Response.error()
    );
  }
}

worker.addEventListener("push", (event) => {
  event.waitUntil(onPush(event.data?.text() ?? ""));
});

/** @param {string} text what accounts/notifications/push.py wrote */
async function onPush(text) {
  const said = parsePush(text);
  if (said.unread !== null) await showBadge(said.unread);
  if (said.close !== null) await closeNotifications(said.close);
  else await showNotification(said);
}

/** The number on the app's icon, where there is one. @param {number} unread */
async function showBadge(unread) {
  const { navigator } = worker;
  if (!("setAppBadge" in navigator)) return;
  // A browser may know the call and refuse it: the app is not installed.
  await (unread ? navigator.setAppBadge(unread) : navigator.clearAppBadge()).catch(() => undefined);
}

/**
 * Close what was read on another device: the notices of one conversation, or for "" all others.
 *
 * @param {string} tag
 */
async function closeNotifications(tag) {
  for (const one of await worker.registration.getNotifications())
    if (tag ? one.tag === tag : !one.tag.startsWith("conversation:")) one.close();
}

/** @param {ReturnType<typeof parsePush>} said */
async function showNotification({ title, body, url, tag }) {
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  // Somebody who looks at the conversation already sees the message come in.
  if (windows.some((one) => one.focused && new URL(one.url).pathname === url)) return;
  await worker.registration.showNotification(title, {
    body,
    tag,
    icon: "/static/img/icon-192.png",
    badge: "/static/img/icon-192.png",
    data: { url },
  });
}

/**
 * `close` is the tag of what is to be closed, null for a notice to show.
 *
 * @param {string} text
 * @returns {{title: string, body: string, url: string, tag: string, unread: number | null,
 *   close: string | null}}
 */
function parsePush(text) {
  try {
    const said = JSON.parse(text);
    return {
      close: "close" in said ? String(said.close) : null,
      unread: Number.isSafeInteger(said.unread) && said.unread >= 0 ? said.unread : null,
      title: String(said.title),
      body: String(said.body ?? ""),
      url: ownPath(String(said.url)),
      tag: String(said.tag ?? ""),
    };
  } catch {
    const notice = { title: "Parley", body: "", url: "/alerts/", tag: "parley" };
    return { ...notice, unread: null, close: null };
  }
}

/** A path of this site, whatever is said. @param {string} url */
function ownPath(url) {
  const found = new URL(url, worker.location.origin);
  return found.origin === worker.location.origin ? found.pathname + found.search : "/alerts/";
}

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openWindow(ownPath(String(event.notification.data?.url ?? "/alerts/"))));
});

/**
 * A window that is there comes to the front and goes there by itself: a room in it plays on.
 *
 * @param {string} url
 */
async function openWindow(url) {
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((one) => new URL(one.url).pathname === url) ?? windows[0];
  if (!there) return void (await worker.clients.openWindow(url));
  await there.focus();
  there.postMessage({ type: "visit", path: url });
}
