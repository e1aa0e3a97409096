/**
 * When to play later: sound and pictures that wait a moment can be mended by what is sent again.
 *
 * The relay tells when a listener's own path is bad (`health`). A speaker's bad path shows only here: in holes that had
 * to be covered up and in pictures that stood still.
 */

export const LONG_TARGET_MS = 250; // Two repetitions over a path of 60 ms come in time; beyond it talk becomes a radio call.
const HOLES = 0.01; // Share of sound made up by the browser; single clicks are below it.
const AGAIN_MS = 10_000; // One bad moment is a hiccup, two so close together are a bad path.
const CALM_MS = 30_000; // So long without trouble, and the browser may play as early as it likes.

/** @typedef {{concealed: number, samples: number, freezes: number}} Count */

export class JitterBuffer {
  #isPoor = false;
  #patientUntil = -Infinity;
  #troubleAt = -Infinity;
  /** @type {Count|null} */ #before = null;

  /** @param {number} now milliseconds @returns {number|null} what to aim the buffers at; null leaves it to the browser */
  target(now) {
    return this.#isPoor || now < this.#patientUntil ? LONG_TARGET_MS : null;
  }

  /** @param {"good"|"poor"|"audio_only"} health as the relay told it */
  onHealth(health) {
    this.#isPoor = health !== "good";
  }

  /** CaptionSettings at the reports of a connection; called every few seconds. @param {Iterable<Record<string, any>>} rows @param {number} now */
  onReports(rows, now) {
    const [before, count] = [this.#before, counted(rows)];
    this.#before = count;
    // Counts that fell are another connection's.
    if (!before || count.samples < before.samples) return;
    const holes =
      (count.concealed - before.concealed) / Math.max(1, count.samples - before.samples);
    if (holes <= HOLES && count.freezes <= before.freezes) return;
    if (now < this.#patientUntil || now - this.#troubleAt <= AGAIN_MS)
      this.#patientUntil = now + CALM_MS;
    this.#troubleAt = now;
  }
}

/** @param {Iterable<Record<string, any>>} rows @returns {Count} */
function counted(rows) {
  const count = { concealed: 0, samples: 0, freezes: 0 };
  for (const row of rows) {
    if (row.type !== "inbound-rtp") continue;
    // Silence that nobody sent is concealed as well, and nobody misses it.
    count.concealed += (row.concealedSamples ?? 0) - (row.silentConcealedSamples ?? 0);
    count.samples += row.totalSamplesReceived ?? 0;
    count.freezes += row.freezeCount ?? 0;
  }
  return count;
}
