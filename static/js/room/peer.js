/**
 * The way of a room's sound and pictures: offer in, answer out, and a new connection when one
 * fails.
 *
 * The server offers eight m-sections once (DESIGN §4.2). Ours are answered `sendonly` without a
 * track; talking later is `replaceTrack`, so going on stage needs no signalling. A new connection
 * is made beside the old one, which plays on until the new one carries sound.
 *
 * @import {Source, Streams} from "./connection.js"
 * @import {MediaHealthMessage, MediaOfferMessage} from "./messages.js"
 * @import {Call} from "./requests.js"
 */

import { Connection, SOURCES } from "./connection.js";
import { JitterBuffer } from "./jitter_buffer.js";

// ICE and DTLS to a public address take well under a second; this is a dead one.
const CONNECT_MS = 8_000;
// A hiccup mends itself sooner; RULES §6 wants sound back 5 s after the network.
const DISCONNECTED_MS = 2_500;
// A relay that died is back after one or two seconds.
const RETRY_MS = [300, 500, 700, 1_000, 2_000, 4_000];
const WATCH_MS = 2_000;
// Whoever speaks is heard sooner over a new connection; after that nobody does.
const SOUND_MS = 500;

/** @typedef {"idle"|"connecting"|"connected"|"failed"} MediaLink */
/** @typedef {MediaHealthMessage["level"]} Health of the way from the relay */
/**
 * @typedef {object} PeerListener
 * @property {(link: MediaLink, code: string) => void} onLink `code` is the server's reason when
 *   `failed`
 * @property {(streams: Streams) => void} onStreams new streams to play, after every new connection
 */

export class Peer {
  /** @type {Connection|null} */ #current = null;
  /** @type {Connection|null} */ #next = null;
  /** What still plays while the current one has no sound yet. @type {Connection|null} */
  #former = null;
  /** @type {Record<Source, MediaStreamTrack|null>} */ #tracks = {
    microphone: null,
    camera: null,
    display: null,
  };
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #watching;
  #jitterBuffer = new JitterBuffer();
  #tries = 0;
  #isWanted = false;
  #isAsking = false;

  /**
   * @param {Call} call
   * @param {PeerListener} listener
   */
  constructor(call, listener) {
    this.call = call;
    this.listener = listener;
  }

  /** The connection that plays now, for figures and tests. */
  get pc() {
    return this.#current?.pc ?? null;
  }

  get isConnected() {
    return this.#current?.pc.connectionState === "connected";
  }

  /** Ask for a connection (again); an answer in flight is waited for. */
  async connect() {
    this.#isWanted = true;
    if (this.#isAsking) return;
    this.#isAsking = true;
    clearTimeout(this.#timer);
    if (!this.isConnected) this.listener.onLink("connecting", "");
    try {
      await this.#negotiate(await this.call("media.connect"));
    } catch (error) {
      this.#onFailure(codeOf(error));
    } finally {
      this.#isAsking = false;
    }
  }

  /** The server closed connection `id`. A newer one is not touched. @param {string} id */
  onClosed(id) {
    if (this.#next?.id === id) this.#onFailure("media_failed");
    if (this.#current?.id !== id) return;
    this.#drop(this.#current);
    this.#current = null;
    if (this.#isWanted && !this.#next) this.connect();
  }

  /** The relay told how well its packets arrive here. @param {Health} health */
  onHealth(health) {
    this.#jitterBuffer.onHealth(health);
    this.#current?.buffer(this.#jitterBuffer.targetMs(performance.now()));
  }

  /** See how the sound is, and wait for what is sent again if it has holes. */
  async #checkQuality() {
    this.#jitterBuffer.onReports(await this.stats(), performance.now());
    this.#current?.buffer(this.#jitterBuffer.targetMs(performance.now()));
    if (this.#current) this.#watching = setTimeout(() => this.#checkQuality(), WATCH_MS);
  }

  /** Stop for good, or until `connect`. */
  close() {
    this.#isWanted = false;
    this.#tries = 0;
    clearTimeout(this.#timer);
    clearTimeout(this.#watching);
    this.#drop(this.#next);
    this.#drop(this.#current);
    this.#drop(this.#former);
    this.#next = this.#current = this.#former = null;
    this.listener.onLink("idle", "");
  }

  /**
   * Send `track` as `source` from now on, also over later connections; null sends nothing.
   *
   * @param {Source} source @param {MediaStreamTrack|null} track
   */
  async send(source, track) {
    this.#tracks[source] = track;
    await this.#current?.send(source, () => this.#tracks[source]);
  }

  /**
   * Loudness of each audio slot, 0–1: from the source where the browser tells it, else from the
   * last report.
   */
  levels() {
    const current = this.#current;
    if (!current) return [];
    current.measure();
    return current.slots.audio.map((mid, index) => {
      const [source] = current.at(mid).receiver.getSynchronizationSources();
      const isFresh = source && performance.timeOrigin + performance.now() - source.timestamp < 500;
      return isFresh ? (source.audioLevel ?? current.levels[index] ?? 0) : 0;
    });
  }

  /** Raw reports of the connection that plays now. */
  async stats() {
    return [...((await this.#current?.pc.getStats())?.values() ?? [])];
  }

  /** @param {MediaOfferMessage} offer */
  async #negotiate(offer) {
    const pc = new RTCPeerConnection({
      bundlePolicy: "max-bundle",
      iceServers: offer.ice_servers,
    });
    try {
      await pc.setRemoteDescription({ type: "offer", sdp: offer.sdp });
      const connection = new Connection(offer.peer, pc, offer.slots);
      for (const source of SOURCES) connection.at(offer.slots[source]).direction = "sendonly";
      const answer = await pc.createAnswer();
      const wanted = withAudioNack(offer.sdp, answer.sdp ?? "");
      // A browser may refuse what it has not written itself; then sound is not asked for again, and
      // all else is as ever.
      await pc
        .setLocalDescription({ type: "answer", sdp: wanted })
        .catch(() => pc.setLocalDescription(answer));
      this.#drop(this.#next);
      this.#next = connection;
      this.#watch(connection);
      await this.call("media.answer", { peer: offer.peer, sdp: pc.localDescription?.sdp ?? "" });
    } catch (error) {
      pc.close();
      throw error;
    }
  }

  /** @param {Connection} connection */
  #watch(connection) {
    const { pc } = connection;
    this.#timer = setTimeout(
      () => this.#next === connection && this.#onFailure("media_failed"),
      CONNECT_MS,
    );
    pc.onconnectionstatechange = () => {
      if (pc.connectionState === "connected") this.#onConnected(connection);
      if (pc.connectionState === "failed") this.#onBroken(connection);
      if (pc.connectionState === "disconnected")
        setTimeout(() => {
          if (pc.connectionState === "disconnected") this.#onBroken(connection);
        }, DISCONNECTED_MS);
    };
  }

  /** @param {Connection} connection */
  async #onConnected(connection) {
    if (this.#next !== connection) return;
    clearTimeout(this.#timer);
    this.#drop(this.#former);
    this.#former = this.#current;
    this.#current = connection;
    this.onHealth("good"); // Another path; the relay will tell.
    clearTimeout(this.#watching);
    this.#watching = setTimeout(() => this.#checkQuality(), WATCH_MS);
    this.#next = null;
    this.#tries = 0;
    // Settled, not all done: a camera that the browser refuses is no reason to call the connection
    // anything but connected.
    await Promise.allSettled(
      SOURCES.map((source) => connection.send(source, () => this.#tracks[source])),
    );
    // The new one speaks before the old one falls silent. Nobody hears two: the relay takes what
    // comes over the old one until something comes over the new one, and nothing after that. What
    // is heard here goes over when the new one has sound.
    if (this.#former?.pc.connectionState === "connected") await connection.soundComes(SOUND_MS);
    if (this.#current !== connection) return;
    this.listener.onStreams(connection.streams());
    this.#drop(this.#former);
    this.#former = null;
    this.listener.onLink("connected", "");
  }

  /** @param {Connection} connection */
  #onBroken(connection) {
    if (connection === this.#next) this.#onFailure("media_failed");
    if (connection === this.#current && this.#isWanted) this.connect();
  }

  /** @param {string} code */
  #onFailure(code) {
    clearTimeout(this.#timer);
    this.#drop(this.#next);
    this.#next = null;
    if (!this.#isWanted) return;
    if (!this.isConnected) this.listener.onLink("failed", code);
    // Without a socket (`lost`) the next snapshot brings us back.
    if (code === "lost" || code === "closed") return;
    const wait = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)];
    this.#tries += 1;
    this.#timer = setTimeout(() => this.#isWanted && this.connect(), wait);
  }

  /** @param {Connection|null} connection */
  #drop(connection) {
    if (!connection) return;
    connection.pc.onconnectionstatechange = null;
    connection.pc.close();
  }
}

/** The server's code; what the browser itself throws has numbers. @param {unknown} error */
function codeOf(error) {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return typeof code === "string" ? code : "media_failed";
}

/**
 * Return the answer with NACK for sound wherever it was offered. Chromium asks for lost packets of
 * sound again, and sends them, only where its own description says so, which it leaves out by
 * itself.
 *
 * @param {string} offer @param {string} answer
 */
export function withAudioNack(offer, answer) {
  const [, payload] =
    /^a=rtcp-fb:(\d+) nack\r?$/m.exec(offer.slice(offer.indexOf("m=audio"))) ?? [];
  if (!payload || answer.includes(`a=rtcp-fb:${payload} nack\r\n`)) return answer;
  return answer.replaceAll(
    new RegExp(`a=rtpmap:${payload} opus/.*\r\n`, "gi"),
    (line) => `${line}a=rtcp-fb:${payload} nack\r\n`,
  );
}
