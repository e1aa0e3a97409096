// @ts-check
/**
 * One tab's socket to the site (`/ws/me/`): comes back after a loss, stays calm while the page is
 * hidden. Knows no page.
 *
 * @import {ClientMessage, ServerMessage} from "./person_messages.js"
 */

import { PingTimes } from "./server_clock.js";

/**
 * @typedef {object} Listener
 * @property {(message: ServerMessage) => void} onMessage
 * @property {(again: boolean) => void} onOpen `again`: after a loss, so that news may have been
 *   missed
 * @property {() => void} onLost
 * @property {() => void} onLogOut the log-in is over; nobody comes back
 */

const BACKOFF_MS = [1_000, 2_000, 5_000, 10_000, 20_000, 30_000];
const HIDDEN_MS = 60_000; // A hidden page need not hurry.
const FLOOD_MS = 60_000;
const PING_MS = 30_000;
const PROBE_MS = 4_000;
const LOG_IN = 4401;
const FLOOD = 4429;

/**
 * Wait before try number `tries` (0 = first). Up to half of it is chance: when the server comes
 * back, not everybody comes at once.
 *
 * @param {number} tries @param {boolean} hidden @param {number} random 0–1
 */
export function retryDelay(tries, hidden, random) {
  const base = BACKOFF_MS[Math.min(tries, BACKOFF_MS.length - 1)];
  return Math.round((hidden ? Math.max(base, HIDDEN_MS) : base) * (0.5 + random / 2));
}

export class ReconnectingSocket {
  /** @type {WebSocket | null} */ #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #retry;
  /** @type {ReturnType<typeof setInterval> | undefined} */ #pings;
  #tries = 0;
  #seen = 0;
  #heard = 0; // Messages so far.
  /** Those of them that came before this connection. */ #heardBefore = 0;
  #wasOpen = false;
  #isOver = false;
  #pingTimes = new PingTimes();

  /** @param {string} url @param {Listener} listener @param {() => boolean} isHidden */
  constructor(url, listener, isHidden) {
    this.url = url;
    this.listener = listener;
    this.isHidden = isHidden;
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  open() {
    if (this.#isOver) return;
    clearTimeout(this.#retry);
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    socket.onopen = () => this.#socket === socket && this.#onOpen();
    socket.onmessage = (event) => this.#socket === socket && this.#onText(event.data);
    socket.onclose = (event) => this.#socket === socket && this.#onClose(event.code);
  }

  /** Send `message` if the connection is open. @param {ClientMessage} message @returns whether it was sent */
  send(message) {
    if (!this.isOpen) return false;
    this.#socket?.send(JSON.stringify(message));
    return true;
  }

  /**
   * The page is shown again, or the network is back: do not sit out a long wait, nor trust an old
   * connection.
   */
  wake() {
    if (this.#isOver) return;
    if (this.isOpen) return this.#probe();
    if (this.#socket?.readyState === WebSocket.CONNECTING) return;
    this.#tries = 0;
    this.open();
  }

  #probe() {
    const socket = this.#socket;
    const before = this.#heard;
    this.#ping();
    setTimeout(() => {
      if (this.#socket === socket && this.#heard === before) this.#onClose(1006);
    }, PROBE_MS);
  }

  #ping() {
    this.#pingTimes.sent();
    this.send(this.#seen ? { type: "ping", seen: this.#seen } : { type: "ping" });
  }

  #onOpen() {
    this.#seen = 0;
    this.#heardBefore = this.#heard;
    this.#pingTimes.reset();
    this.#pings = setInterval(() => !this.isHidden() && this.#probe(), PING_MS);
  }

  /** @param {string} text */
  #onText(text) {
    const heard = this.#heard - this.#heardBefore;
    this.#heard += 1;
    /** @type {ServerMessage} */
    const message = JSON.parse(text);
    if (message.type === "sent") {
      // Something was lost, and which it was nobody knows: come back as after any loss.
      if (message.count !== heard) this.#onClose(1006);
      return;
    }
    if (message.type === "pong") {
      this.#seen = message.n;
      this.#pingTimes.answered(message.now_ms);
      return;
    }
    this.#onFirst();
    this.listener.onMessage(message);
  }

  /** Only now is it let in: the server accepts first and closes then, so that it can say why. */
  #onFirst() {
    if (this.#tries < 0) return;
    this.#tries = -1;
    const again = this.#wasOpen;
    this.#wasOpen = true;
    this.listener.onOpen(again);
  }

  /** @param {number} code */
  #onClose(code) {
    clearInterval(this.#pings);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    if (code === LOG_IN) {
      this.#isOver = true;
      this.listener.onLogOut();
      return;
    }
    this.listener.onLost();
    this.#tries = Math.max(0, this.#tries);
    const wait =
      code === FLOOD ? FLOOD_MS : retryDelay(this.#tries, this.isHidden(), Math.random());
    this.#tries += 1;
    this.#retry = setTimeout(() => this.open(), wait);
  }
}
