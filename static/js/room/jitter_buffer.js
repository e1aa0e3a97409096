/**
 * When to play later: sound and pictures that wait a moment can be mended by what is sent again.
 *
 * The relay tells when a listener's own path is bad (`health`). A speaker's bad path shows only
 * here: in sound that had to be concealed and in pictures that froze.
 *
 * @import {MediaHealthMessage} from "./messages.js"
 */

// Two repetitions over a path of 60 ms come in time; beyond it talk becomes a radio call.
export const LONG_TARGET_MS = 250;
const CONCEALED_SHARE = 0.01; // Of all sound; single clicks are below it.
// One bad moment is a hiccup, two so close together are a bad path.
const REPEATED_WITHIN_MS = 10_000;
// So long without trouble, and the browser may play as early as it likes.
const RECOVERED_AFTER_MS = 30_000;

/** @typedef {{concealed: number, samples: number, freezes: number}} Count since the beginning */

export class JitterBuffer {
  #isPathPoor = false;
  #longUntil = -Infinity;
  #troubleAt = -Infinity;
  /** @type {Count|null} */ #before = null;

  /**
   * @param {number} now milliseconds
   * @returns {number|null} what the browser is to aim for; null leaves it to the browser
   */
  targetMs(now) {
    return this.#isPathPoor || now < this.#longUntil ? LONG_TARGET_MS : null;
  }

  /** @param {MediaHealthMessage["level"]} health as the relay told it */
  onHealth(health) {
    this.#isPathPoor = health !== "good";
  }

  /**
   * Look at the reports of a connection; called every few seconds.
   *
   * @param {Iterable<RTCStats>} reports
   * @param {number} now milliseconds
   */
  onReports(reports, now) {
    const before = this.#before;
    const count = countOf(reports);
    this.#before = count;
    // Counts that fell are another connection's.
    if (!before || count.samples < before.samples) return;
    const concealed = count.concealed - before.concealed;
    const samples = Math.max(1, count.samples - before.samples);
    if (concealed / samples <= CONCEALED_SHARE && count.freezes <= before.freezes) return;
    const isRepeated = now - this.#troubleAt <= REPEATED_WITHIN_MS;
    if (isRepeated || now < this.#longUntil) this.#longUntil = now + RECOVERED_AFTER_MS;
    this.#troubleAt = now;
  }
}

/** @param {Iterable<RTCStats>} reports @returns {Count} */
function countOf(reports) {
  const count = { concealed: 0, samples: 0, freezes: 0 };
  for (const report of reports) {
    if (report.type !== "inbound-rtp") continue;
    const inbound = /** @type {RTCInboundRtpStreamStats} */ (report);
    // Silence that nobody sent is concealed as well, and nobody misses it.
    count.concealed += (inbound.concealedSamples ?? 0) - (inbound.silentConcealedSamples ?? 0);
    count.samples += inbound.totalSamplesReceived ?? 0;
    count.freezes += inbound.freezeCount ?? 0;
  }
  return count;
}
