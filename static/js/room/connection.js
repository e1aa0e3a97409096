/**
 * One negotiated RTCPeerConnection with its transceivers by mid: what comes in on the slots, what
 * we send.
 *
 * @import {SlotMids} from "./messages.js"
 */

const CAMERA_BPS = 1_500_000;
const SCREEN_BPS = 2_500_000;
const LOOK_MS = 20; // A packet of sound.

/** @typedef {"microphone"|"camera"|"display"} Source */
/** @typedef {{audio: MediaStream[], video: MediaStream, screen: MediaStream}} Streams */

/** @type {Source[]} */
export const SOURCES = ["microphone", "camera", "display"];

export class Connection {
  /** Loudness of each audio slot in the last report. @type {number[]} */ levels = [];
  #isMeasuring = false;
  /** @type {Promise<unknown>} */ #sending = Promise.resolve();

  /** @param {string} id @param {RTCPeerConnection} pc @param {SlotMids} slots */
  constructor(id, pc, slots) {
    this.id = id;
    this.pc = pc;
    this.slots = slots;
    this.byMid = new Map(pc.getTransceivers().map((one) => [one.mid, one]));
  }

  /** @param {string} mid @returns {RTCRtpTransceiver} */
  at(mid) {
    const found = this.byMid.get(mid);
    if (!found) throw new Error(`The offer has no m-section ${mid}.`);
    return found;
  }

  /** @returns {Streams} */
  streams() {
    const stream = (/** @type {string} */ mid) => new MediaStream([this.at(mid).receiver.track]);
    return {
      audio: this.slots.audio.map(stream),
      video: stream(this.slots.video),
      screen: stream(this.slots.screen),
    };
  }

  /** Wait until sound has come, for `ms` at most. @param {number} ms */
  async soundComes(ms) {
    const hasCome = () =>
      this.slots.audio.some((mid) => this.at(mid).receiver.getSynchronizationSources().length);
    for (let waited = 0; waited < ms && !hasCome(); waited += LOOK_MS)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }

  /**
   * SlotMids carry no RFC 6464 header, which would cost every listener; Chromium then tells a level in
   * its reports only.
   */
  async measure() {
    if (this.#isMeasuring) return;
    this.#isMeasuring = true;
    this.levels = await Promise.all(this.slots.audio.map((mid) => levelOf(this.at(mid).receiver)));
    this.#isMeasuring = false;
  }

  /** Wait with the playing for so long; null leaves it to the browser. @param {number|null} ms */
  buffer(ms) {
    for (const mid of [...this.slots.audio, this.slots.video, this.slots.screen]) {
      const { receiver } = this.at(mid);
      if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = ms;
    }
  }

  /**
   * Send as `source` what `trackOf` returns when its turn comes; null sends nothing.
   *
   * One after the other: two at once may end with the older track, and with parameters nobody asked
   * for. Each has its turn, whatever became of the one before.
   *
   * @param {Source} source @param {() => MediaStreamTrack|null} trackOf
   */
  send(source, trackOf) {
    const turn = this.#sending.then(() => this.#replace(source, trackOf()));
    this.#sending = turn.catch(() => null);
    return turn;
  }

  /** @param {Source} source @param {MediaStreamTrack|null} track */
  async #replace(source, track) {
    const { sender } = this.at(this.slots[source]);
    if (this.pc.signalingState === "closed" || sender.track === track) return;
    await sender.replaceTrack(track);
    if (track?.kind === "video") await limit(sender, source === "camera" ? CAMERA_BPS : SCREEN_BPS);
  }
}

/** @param {RTCRtpReceiver} receiver */
async function levelOf(receiver) {
  const rows = [...(await receiver.getStats()).values()];
  return rows.find((row) => row.type === "inbound-rtp")?.audioLevel ?? 0;
}

/** @param {RTCRtpSender} sender @param {number} bitrate bits a second */
async function limit(sender, bitrate) {
  const parameters = sender.getParameters();
  if (!parameters.encodings.length) return;
  parameters.encodings[0].maxBitrate = bitrate;
  await sender.setParameters(parameters);
}
