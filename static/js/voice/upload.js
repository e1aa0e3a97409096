// @ts-check
/** A recording's way to the server, and the question whether it could be read. */

import { csrfToken } from "../csrf.js";
import { gettext } from "../i18n.js";

const ASK_EVERY_MS = 700;
const ASK_FOR_MS = 90_000; // Then it is taken as it is: the post shows it once it is ready.

/**
 * What the server says of a clip.
 *
 * @typedef {{id: number, state: string, code: string, message: string}} Clip
 */

/** A refusal with a sentence for people. */
export class Refusal extends Error {}

const OFFLINE = () =>
  new Refusal(gettext("The recording did not arrive. Try again when the line is back."));

/** @param {string} text @returns {any} any: JSON of the server, or of something before it. */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/**
 * @param {string} url @param {Blob} blob @param {(share: number) => void} onProgress 0–1
 * @param {AbortSignal} signal
 * @returns {Promise<Clip>} rejects with a Refusal
 */
export function send(url, blob, onProgress, signal) {
  // fetch() tells nothing of an upload's progress.
  const request = new XMLHttpRequest();
  const form = new FormData();
  form.append("clip", blob, "recording");
  return new Promise((resolve, reject) => {
    request.upload.onprogress = (event) =>
      event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(OFFLINE());
    request.onabort = () => reject(new Refusal(""));
    request.onload = () => {
      const answer = parse(request.responseText);
      if (request.status === 201) resolve(answer);
      else reject(new Refusal(answer.message || OFFLINE().message));
    };
    signal.addEventListener("abort", () => request.abort());
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.send(form);
  });
}

/**
 * Ask until the clip is ready. Rejects with a Refusal when it cannot be read.
 *
 * @param {string} url
 * @param {Clip} clip
 * @param {AbortSignal} signal
 */
export async function whenProcessed(url, clip, signal) {
  const deadline = performance.now() + ASK_FOR_MS;
  let known = clip;
  while (known.state === "pending" && performance.now() < deadline && !signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    known = await ask(`${url}${clip.id}/`, known);
  }
  if (known.state === "failed") throw new Refusal(known.message);
  return known;
}

/**
 * @param {string} url
 * @param {Clip} known returned as it is without a connection
 * @returns {Promise<Clip>}
 */
async function ask(url, known) {
  try {
    const answer = await fetch(url);
    return answer.ok ? await answer.json() : known;
  } catch {
    return known;
  }
}

/**
 * Tell the server that a recording is not wanted; if that is lost, its sweep finds it.
 *
 * @param {string} url
 * @param {number} id
 */
export function forget(url, id) {
  void fetch(`${url}${id}/`, {
    method: "DELETE",
    headers: { "X-CSRFToken": csrfToken() },
    keepalive: true,
  }).catch(() => {});
}
