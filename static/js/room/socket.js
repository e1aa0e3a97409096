/**
 * The room's WebSocket: calls with answers, heartbeat, and coming back after a loss. Knows nothing
 * of rooms or pages.
 *
 * @import {PongMessage, ServerMessage} from "./messages.js"
 * @import {AnswerTo, FieldsOf, RequestType} from "./requests.js"
 * @import {ServerClock} from "../net/server_clock.js"
 */

import { gettext } from "../i18n.js";
import { PingTimes, serverClock } from "../net/server_clock.js";

const PING_MS = 5_000; // RULES §6: the server calls a client weak after 10 s without one.
// Nothing heard for so long, though every ping is answered: the connection is dead.
const SILENT_MS = 12_000;
const PROBE_MS = 2_000;
const ANSWER_MS = 9_000; // Asked again, also what was lost is there within ten seconds.
const BACKOFF_MS = [500, 1_000, 2_000, 4_000, 5_000]; // spaces/PROTOCOL.md
const TOO_FAST_MS = 5_000;

/** Close codes (spaces/PROTOCOL.md; the first two are those of WebSockets). */
export const CLOSED = {
  normally: 1000,
  forRestart: 1012,
  loggedOut: 4401,
  notAvailable: 4403,
  replaced: 4408,
  spaceEnded: 4410,
  tooFast: 4429,
};

/** After these the server does not want this page back. */
export const FINAL_CODES = new Set([
  CLOSED.normally,
  CLOSED.loggedOut,
  CLOSED.notAvailable,
  CLOSED.replaced,
  CLOSED.spaceEnded,
]);

/** A refusal by the server, or no answer: `code` is stable, `message` is a sentence for people. */
export class RoomError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * @typedef {object} PendingCall
 * @property {(message: any) => void} resolve any: the answer that belongs to its request
 * @property {(error: RoomError) => void} reject
 * @property {ReturnType<typeof setTimeout>} timer
 * @property {number} askedAt
 */

/**
 * @typedef {object} Listener
 * @property {(message: ServerMessage) => void} onMessage everything that is not the answer to a call
 * @property {(link: "opening"|"open"|"lost") => void} onLink
 * @property {() => void} onMissed the server has sent something that did not come
 * @property {(code: number) => void} onFinal the server closed for good
 */

/**
 * Wait before try number `tries` (0 = first), with up to a quarter of jitter.
 *
 * @param {number} tries
 * @param {number} random 0–1
 */
export function backoff(tries, random) {
  const base = BACKOFF_MS[Math.min(tries, BACKOFF_MS.length - 1)];
  return Math.round(base * (1 + random / 4));
}

export class RoomSocket {
  /** @type {WebSocket|null} */ #socket = null;
  /** @type {Map<string, PendingCall>} by `ref` */
  #calls = new Map();
  #lastRef = 0;
  #tries = 0;
  #heardAt = 0;
  #openedAt = 0;
  #gap = 0;
  /** Messages that came on this connection. */ #heard = 0;
  /** Number of the last `pong`: the server cuts those who do not read. */ #seen = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #retry;
  /** @type {ReturnType<typeof setInterval>|undefined} */ #heartbeat;
  #isWanted = false;
  /** The server closed to be reached at another process. */ #isSentOn = false;

  /** @param {string} url @param {Listener} listener @param {ServerClock} [clock] */
  constructor(url, listener, clock = serverClock) {
    this.url = url;
    this.listener = listener;
    this.clock = clock;
    this.pings = new PingTimes(clock);
  }

  open() {
    this.#isWanted = true;
    this.#connect();
  }

  /** Close for good; the listener hears nothing more. */
  close() {
    this.#isWanted = false;
    clearTimeout(this.#retry);
    this.#drop(new RoomError("closed", gettext("You have left the room.")));
  }

  /**
   * The network is said to be back, or the device awake: do not sit out the rest of a wait, nor
   * trust an old connection.
   */
  wake() {
    if (!this.#isWanted) return;
    if (this.#socket?.readyState === WebSocket.OPEN) return this.#probe(this.#socket);
    clearTimeout(this.#retry);
    this.#tries = 0;
    this.#connect();
  }

  /** A line that survived answers a ping at once. @param {WebSocket} socket */
  #probe(socket) {
    const askedAt = this.clock.askedAt;
    this.#ping(socket);
    setTimeout(
      () => this.#socket === socket && this.#heardAt < askedAt && this.#onClose(1006),
      PROBE_MS,
    );
  }

  /**
   * Send one message and wait for its answer.
   *
   * Rejects with RoomError: the server's own code, `lost` without a connection, `no_answer` after
   * 9 s.
   *
   * @template {RequestType} T
   * @param {T} type
   * @param {FieldsOf<T>} [fields]
   * @returns {Promise<AnswerTo<T>>}
   */
  call(type, fields) {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) {
      return Promise.reject(new RoomError("lost", gettext("There is no connection right now.")));
    }
    const ref = String((this.#lastRef += 1));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#calls.delete(ref);
        reject(new RoomError("no_answer", gettext("The server did not answer.")));
      }, ANSWER_MS);
      this.#calls.set(ref, { resolve, reject, timer, askedAt: this.clock.askedAt });
      socket.send(JSON.stringify({ type, ref, ...fields }));
    });
  }

  #connect() {
    this.#drop(new RoomError("lost", gettext("The connection was lost.")));
    this.listener.onLink(this.#tries && !this.#isSentOn ? "lost" : "opening");
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    this.#openedAt = this.clock.askedAt;
    socket.onopen = () => this.#onOpen(socket);
    socket.onmessage = (event) => this.#socket === socket && this.#onText(event.data);
    socket.onclose = (event) => this.#socket === socket && this.#onClose(event.code);
  }

  /** @param {WebSocket} socket */
  #onOpen(socket) {
    if (this.#socket !== socket) return;
    this.#heardAt = this.clock.elapsed();
    this.#seen = 0;
    this.#heard = 0;
    this.pings.reset();
    this.#hasSlept();
    this.#heartbeat = setInterval(() => this.#beat(), PING_MS);
    this.listener.onLink("open");
  }

  #beat() {
    const socket = this.#socket;
    if (!socket) return;
    if (this.clock.elapsed() - this.#heardAt > SILENT_MS) return this.#onClose(1006);
    if (this.#hasSlept()) this.#probe(socket);
    else this.#ping(socket);
  }

  /**
   * Perhaps: the watch stands still in a sleep, the device's clock does not. It may have been set
   * as well, so that the line is only asked, not given up.
   */
  #hasSlept() {
    const gap = this.clock.device() - this.clock.elapsed();
    const isNew = Math.abs(gap - this.#gap) > PING_MS;
    this.#gap = gap;
    return isNew;
  }

  /** @param {WebSocket} socket */
  #ping(socket) {
    this.pings.sent();
    socket.send(JSON.stringify(this.#seen ? { type: "ping", seen: this.#seen } : { type: "ping" }));
  }

  /** @param {string} text */
  #onText(text) {
    this.#heardAt = this.clock.elapsed();
    /** @type {ServerMessage} */
    const message = JSON.parse(text);
    this.#learnTime(message);
    // Only now: a server that closes after accepting must not be hammered.
    if (message.type === "space.snapshot") this.#tries = 0;
    // A reply that carries the room (snapshot, offer) is told to the listener too: it is the same
    // news for everybody.
    if ("ref" in message && message.ref !== undefined) this.#answer(message.ref, message);
    if (message.type === "pong") this.#onPong(message);
    this.#heard += 1;
    if (message.type !== "ok") this.listener.onMessage(message);
  }

  /** @param {PongMessage} pong */
  #onPong({ n, sent }) {
    this.#seen = n;
    // A web of the former release does not say it.
    if (sent === undefined || sent === this.#heard) return;
    this.#heard = sent;
    this.listener.onMissed();
  }

  /** @param {ServerMessage} message */
  #learnTime(message) {
    if (message.type === "pong") this.pings.answered(message.now_ms);
    if (message.type === "space.snapshot")
      this.clock.learn(
        message.now_ms,
        this.#calls.get(message.ref ?? "")?.askedAt ?? this.#openedAt,
      );
  }

  /** @param {string} ref @param {ServerMessage} message */
  #answer(ref, message) {
    const call = this.#calls.get(ref);
    if (!call) return; // It came after we had given up on it.
    this.#calls.delete(ref);
    clearTimeout(call.timer);
    if (message.type === "error") call.reject(new RoomError(message.code, message.message));
    else call.resolve(message);
  }

  /** @param {number} code */
  #onClose(code) {
    this.#drop(new RoomError("lost", gettext("The connection was lost.")));
    if (!this.#isWanted) return;
    if (FINAL_CODES.has(code)) {
      this.#isWanted = false;
      return this.listener.onFinal(code);
    }
    // A process that ends sends its pages to another one, which is there: no word to people.
    this.#isSentOn = code === CLOSED.forRestart;
    if (this.#isSentOn) this.#tries = 0;
    this.listener.onLink(this.#isSentOn ? "opening" : "lost");
    const wait = code === CLOSED.tooFast ? TOO_FAST_MS : backoff(this.#tries, Math.random());
    this.#tries += 1;
    this.#retry = setTimeout(() => this.#connect(), wait);
  }

  /** Forget the present socket and refuse what still waits for it. @param {RoomError} error */
  #drop(error) {
    clearInterval(this.#heartbeat);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    for (const call of this.#calls.values()) {
      clearTimeout(call.timer);
      call.reject(error);
    }
    this.#calls.clear();
  }
}
