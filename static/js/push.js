// @ts-check
/**
 * The service worker, and the switch in the settings that lets this browser show notices while
 * Parley is closed.
 */

import { csrfToken } from "./csrf.js";
import { gettext } from "./i18n.js";
import { toast } from "./toasts.js";
import { navigate } from "./navigate.js";
import { onMessage } from "./net/person_socket.js";

const can = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;

if ("serviceWorker" in navigator) {
  // Without it all works as before.
  const register = () => navigator.serviceWorker.register("/sw.js").catch(() => undefined);
  if (document.readyState === "complete") void register();
  else window.addEventListener("load", register, { once: true }); // The page comes first.
  navigator.serviceWorker.addEventListener("message", (event) => {
    if (event.data?.type === "visit") navigate(String(event.data.path));
  });
}

const box = () => /** @type {HTMLElement | null} */ (document.querySelector("[data-push]"));

/** @param {string} selector @returns {HTMLElement} */
const part = (selector) => /** @type {HTMLElement} */ (box()?.querySelector(selector));

async function current() {
  const registration = await navigator.serviceWorker.ready;
  return registration.pushManager.getSubscription();
}

async function show() {
  if (!box()) return;
  const subscription = can && Notification.permission !== "denied" ? await current() : null;
  const here = box();
  if (!here) return;
  // The site forgets a browser whose log-in has ended or changed; then it is off, whatever the
  // browser still holds.
  const isOn = Boolean(
    subscription && (here.dataset.known ?? "").split(" ").includes(subscription.endpoint),
  );
  part("[data-push-state]").textContent = stateText(isOn);
  part("[data-push-on]").hidden = !can || Notification.permission === "denied" || isOn;
  part("[data-push-off]").hidden = !isOn;
}

/** @param {boolean} isOn */
function stateText(isOn) {
  if (!can)
    return gettext("This browser cannot. On an iPhone, put Parley on the home screen first.");
  if (Notification.permission === "denied")
    return gettext(
      "You have forbidden it in this browser. Its settings for this site can change that.",
    );
  return isOn ? gettext("On") : gettext("Off");
}

/** @param {string} url @param {unknown} body */
async function post(url, body) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrfToken() };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok)
    throw new Error(String((await answer.json().catch(() => ({}))).message ?? answer.status));
}

/** base64url to bytes. @param {string} text */
const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));

/** @param {string} endpoints */
function setKnown(endpoints) {
  const here = box();
  if (here) here.dataset.known = endpoints;
}

async function turnOn() {
  const { key, subscribe } = /** @type {HTMLElement} */ (box()).dataset;
  if ((await Notification.requestPermission()) !== "granted") return;
  const registration = await navigator.serviceWorker.ready;
  const subscription = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: bytes(key ?? ""),
  });
  try {
    await post(subscribe ?? "", subscription.toJSON());
    setKnown(`${box()?.dataset.known ?? ""} ${subscription.endpoint}`);
  } catch (error) {
    await subscription.unsubscribe(); // The switch must not say "on" where nothing would ever come.
    throw error;
  }
}

async function turnOff() {
  const subscription = await current();
  if (!subscription) return;
  await subscription.unsubscribe();
  await post(box()?.dataset.unsubscribe ?? "", { endpoint: subscription.endpoint });
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const work = target.closest("[data-push-on]")
    ? turnOn
    : target.closest("[data-push-off]")
      ? turnOff
      : null;
  if (!work) return;
  work()
    .catch((error) =>
      toast(error instanceof Error ? error.message : gettext("That did not work."), "error"),
    )
    .finally(() => void show());
});

window.addEventListener("parley:page", () => void show());
void show();

// --- read elsewhere ---------------------------------------------------------------------------

/** The numbers at the tabs, as the person socket says them. @type {Map<string, number>} */
const unread = new Map();

/**
 * Keep the app's icon true, and close the notices of what was read in another window or device. A
 * device without an open page is told by a push (static/js/service_worker.js).
 *
 * @param {string} name @param {number} number @param {(tag: string) => boolean} isAbout
 */
async function onCount(name, number, isAbout) {
  unread.set(name, number);
  const sum = [...unread.values()].reduce((all, one) => all + one, 0);
  if ("setAppBadge" in navigator)
    // A browser may know the call and refuse it: the app is not installed.
    await (sum ? navigator.setAppBadge(sum) : navigator.clearAppBadge()).catch(() => undefined);
  if (number || !("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.getRegistration();
  for (const one of (await registration?.getNotifications()) ?? [])
    if (isAbout(one.tag)) one.close();
}

const isMessage = (/** @type {string} */ tag) => tag.startsWith("conversation:");
onMessage("alerts", (said) => void onCount("alerts", said.unread, (tag) => !isMessage(tag)));
onMessage("messages", (said) => void onCount("messages", said.unread, isMessage));
