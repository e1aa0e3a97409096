// @ts-check
/**
 * The server's time on this device. Whatever is over, still to come or counted down goes by it:
 * the device's own clock may be hours off, and may be set or sleep while the page is open.
 *
 * Each answer that carries the server's time is a sample: it was written between the asking and the
 * answer, most likely in the middle of the two (RFC 5905 §8, with one server time for two).
 */

/** What is known of the difference between the two clocks. @typedef {{ms: number, error: number}} Offset */

const DRIFT = 50e-6; // A quartz is off by some 20 ppm; twice that and more with the heat.

export class ServerClock {
  /** @type {Offset|null} server's time minus elapsed time, at most `error` off */ #offset = null;
  #learntAt = 0;

  /**
   * @param {() => number} elapsed milliseconds by a clock that nobody sets; it may stand still
   *   while the device sleeps
   * @param {() => number} device the time before anything is known of the server's
   */
  constructor(elapsed, device) {
    this.elapsed = elapsed;
    this.device = device;
  }

  /** The server's time, in ms since 1970. */
  now() {
    return this.#offset ? this.elapsed() + this.#offset.ms : this.device();
  }

  /** The same for `Intl` and calendars. */
  date() {
    return new Date(this.now());
  }

  /** What passes between asking and the answer. */
  get askedAt() {
    return this.elapsed();
  }

  /**
   * Take in an answer that said `serverMs`.
   *
   * The better of two samples stays, until it has aged; one that contradicts it says that a clock
   * was set, or that the device slept, and wins.
   *
   * @param {number} serverMs
   * @param {number} askedAt `askedAt` of before
   * @param {number} [answeredAt] the same of the answer
   */
  learn(serverMs, askedAt, answeredAt = this.elapsed()) {
    if (!Number.isFinite(serverMs) || serverMs <= 0 || !(answeredAt >= askedAt)) return;
    const error = (answeredAt - askedAt) / 2;
    const sample = { ms: serverMs - (askedAt + error), error };
    if (this.#isWorse(sample, answeredAt)) return;
    this.#offset = sample;
    this.#learntAt = answeredAt;
  }

  /** @param {Offset} sample @param {number} at */
  #isWorse(sample, at) {
    if (!this.#offset) return false;
    const aged = this.#offset.error + (at - this.#learntAt) * DRIFT;
    const isPossible = Math.abs(sample.ms - this.#offset.ms) <= sample.error + aged;
    return isPossible && sample.error > aged;
  }
}

/** When each ping left, so that its pong is a sample. */
export class PingTimes {
  /** @type {number[]} */ #sentAt = [];

  /** @param {ServerClock} [clock] */
  constructor(clock = serverClock) {
    this.clock = clock;
  }

  /** A new line: what was asked on the old one is not answered any more. */
  reset() {
    this.#sentAt = [];
  }

  sent() {
    this.#sentAt.push(this.clock.askedAt);
  }

  /**
   * Pongs come in the order of the pings. One that the server did not take makes those behind it
   * look slower than they are, never wrong.
   *
   * @param {number} serverMs
   */
  answered(serverMs) {
    const sentAt = this.#sentAt.shift();
    if (sentAt !== undefined) this.clock.learn(serverMs, sentAt);
  }
}

const HEADER = "Server-Time"; // config/http/server_time.py

/** The one of this page. */
export const serverClock = new ServerClock(
  () => performance.now(),
  () => Date.now(),
);

/** @param {{get(name: string): string|null}} headers of an answer @param {number} askedAt */
export function learnFromHeaders(headers, askedAt) {
  serverClock.learn(Number(headers.get(HEADER)), askedAt);
}

/** The document itself, unless the browser had kept it from another time. */
function learnFromPage() {
  const told = document.querySelector("meta[name=server-time]")?.getAttribute("content");
  const [visit] = /** @type {PerformanceNavigationTiming[]} */ (
    performance.getEntriesByType("navigation")
  );
  const isKept = visit?.type === "back_forward" && visit.transferSize === 0;
  if (told && visit && !isKept)
    serverClock.learn(Number(told), visit.requestStart, visit.responseStart);
}

/** @type {WeakMap<XMLHttpRequest, number>} */
const asked = new WeakMap();

if (globalThis.document) {
  learnFromPage();
  document.addEventListener("htmx:beforeSend", (event) => {
    asked.set(/** @type {CustomEvent} */ (event).detail.xhr, serverClock.askedAt);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr } = /** @type {CustomEvent} */ (event).detail;
    const askedAt = asked.get(xhr);
    if (askedAt !== undefined)
      learnFromHeaders({ get: (name) => xhr.getResponseHeader(name) }, askedAt);
  });
}
