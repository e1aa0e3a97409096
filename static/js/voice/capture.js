// @ts-check
/**
 * One recording: the microphone, its level, the bytes. Works by MediaRecorder in whatever format
 * the browser has.
 */

import { LevelMeter, openMicrophone } from "../room/media_devices.js";

const FORMATS = [
  "audio/webm;codecs=opus",
  "audio/mp4;codecs=mp4a.40.2",
  "audio/mp4",
  "audio/ogg;codecs=opus",
];
// A tab that is thrown out of memory then has lost a second at most, and memory grows evenly.
const CHUNK_MS = 1000;
const BITRATE_BPS = 64_000;

/**
 * The first format the browser can write; "" lets it choose.
 *
 * @param {(type: string) => boolean} canWrite
 */
export function formatFor(canWrite) {
  return FORMATS.find(canWrite) ?? "";
}

export const canRecord = () => "MediaRecorder" in window;

export class Capture {
  /** @type {Blob[]} */ #chunks = [];
  #startedAt = performance.now();
  /** Level 0–1, ten times a second, for the drawing. @type {number[]} */ levels = [];

  /** @param {MediaStreamTrack} track @param {() => void} onEnded the microphone was unplugged */
  constructor(track, onEnded) {
    this.track = track;
    this.meter = new LevelMeter(track);
    const mimeType = formatFor((type) => MediaRecorder.isTypeSupported(type));
    this.recorder = new MediaRecorder(new MediaStream([track]), {
      ...(mimeType && { mimeType }),
      audioBitsPerSecond: BITRATE_BPS,
    });
    this.recorder.ondataavailable = (event) => event.data.size && this.#chunks.push(event.data);
    track.onended = onEnded;
    this.recorder.start(CHUNK_MS);
  }

  /** Ask for the microphone and begin. Raises DeviceError. @param {() => void} onEnded */
  static async begin(onEnded) {
    return new Capture(await openMicrophone(), onEnded);
  }

  get elapsedMs() {
    return performance.now() - this.#startedAt;
  }

  /** How loud it is now, 0–1; kept for the drawing. */
  listen() {
    const level = this.meter.level();
    this.levels.push(level);
    return level;
  }

  /** End the recording and release the microphone. @returns {Promise<Blob>} */
  async finish() {
    const stopped = new Promise((resolve) => (this.recorder.onstop = resolve));
    if (this.recorder.state !== "inactive") {
      this.recorder.stop();
      await stopped;
    }
    this.#release();
    return new Blob(this.#chunks, {
      type: this.recorder.mimeType || this.#chunks[0]?.type || "audio/webm",
    });
  }

  /** Throw it away. */
  drop() {
    if (this.recorder.state !== "inactive") this.recorder.stop();
    this.#release();
  }

  #release() {
    this.track.onended = null;
    this.track.stop();
    this.meter.close();
  }
}
