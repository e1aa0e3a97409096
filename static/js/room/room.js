/**
 * One room this browser is in: ties the socket, the state, the connection and the own devices
 * together. No DOM.
 *
 * It outlives the page it was opened from; `view.js` and `dock.js` show it and call its verbs.
 *
 * @import {PageState, RoomAddress, RoomListener} from "./page_state.js"
 * @import {RoomState} from "./state.js"
 * @import {Streams} from "./connection.js"
 * @import {MediaLink} from "./peer.js"
 * @import {ServerMessage} from "./messages.js"
 * @import {AnswerTo, Call, FieldsOf, RequestType} from "./requests.js"
 */

import { initialPageState } from "./page_state.js";
import { DeviceError } from "./media_devices.js";
import { Peer } from "./peer.js";
import { VideoSubscription } from "./video_subscription.js";
import { Publisher } from "./publisher.js";
import { isOnStage, mySeat } from "./selectors.js";
import { CLOSED, RoomError, RoomSocket } from "./socket.js";
import { assigned, isBehind, isOtherLogin, reduce, withoutLogin } from "./state.js";
import { AudioLevels } from "./audio_levels.js";

/** Why media is closed for good; after any other reason the peer connects again. */
const FINAL_REASONS = new Set(["removed", "replaced", "ended"]);

// The server shows the room again by itself where it lost a change on the way to all: a page asks
// only after that, and not at the same moment as a thousand others.
const CATCH_UP_MS = 500;
const CATCH_UP_SPREAD_MS = 2_000;
const GOODBYE_MS = 800; // A server that does not answer does not keep anybody in the room.

export class Room {
  /** @type {RoomState|null} */ state = null;
  /** @type {Streams|null} */ streams = null;
  /** @type {Set<RoomListener>} */ #listeners = new Set();
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #catchingUp;
  /** No snapshot has come on this socket yet. */ #isNewSocket = true;
  /** Something did not come, and which it was nobody knows. */ #hasMissed = false;
  #isOver = false;
  #readsCaptions = false;
  /** Why this room cannot be entered now, as a sentence; "" lets in. @type {() => string} */
  guard = () => "";

  /** @param {RoomAddress} address @param {import("./remote_audio.js").RemoteAudio} sound */
  constructor(address, sound) {
    this.address = address;
    this.remoteAudio = sound;
    this.socket = new RoomSocket(address.socketUrl, {
      onMessage: (message) => this.#onMessage(message),
      onLink: (link) => this.#onLink(link),
      onMissed: () => this.#onMissed(),
      onFinal: (code) => this.#onFinal(code),
    });
    /** @type {Call} */
    const call = (type, fields) => this.socket.call(type, fields);
    this.peer = new Peer(call, {
      onLink: (media, mediaCode) => this.#onMediaLink(media, mediaCode),
      onStreams: (streams) => this.#onStreams(streams),
    });
    this.publisher = new Publisher(this);
    /** @type {PageState} */
    this.pageState = initialPageState(address.blocked);
    this.videoSubscription = new VideoSubscription(call, () => ({
      ...this.pageState,
      isConnected: this.peer.isConnected,
    }));
    this.audioLevels = new AudioLevels({
      state: () => this.state,
      levels: () => this.peer.levels(),
      own: () => this.publisher.tracks.level,
      onLevels: (heard, own) => this.#emit((listener) => listener.onLevels(heard, own)),
      onTalkingMuted: (isTalkingMuted) => this.set({ isTalkingMuted }),
    });
  }

  /** True from the first step in until leaving, removal or the end. */
  get isIn() {
    return this.pageState.link !== "idle" && !this.#isOver;
  }

  /** @param {RoomListener} listener @returns {() => void} stop listening */
  watch(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Step into the room without sound yet: the host on the way to the green room, or a person on
   * stage after a reload.
   */
  enter() {
    if (this.isIn || this.#isRefused()) return;
    this.#isOver = false;
    this.remoteAudio.muteUsers(this.pageState.mutedForMe);
    this.remoteAudio.setSilent(this.pageState.isSilent);
    this.set({ link: "opening", closedWith: 0 });
    this.socket.open();
    this.audioLevels.start();
  }

  /** "Start listening": call it from the click, which also lets the browser play. */
  listen() {
    if (this.#isRefused()) return;
    this.set({ isListening: true });
    this.remoteAudio.unlock();
    if (!this.isIn) this.enter();
    else this.#connectIfDue();
  }

  #isRefused() {
    const reason = this.guard();
    if (reason) this.toast(reason, "error");
    return Boolean(reason);
  }

  /** Go out. The server is told so that the seat is free at once. */
  async leave() {
    if (!this.isIn) return;
    const goodbye = this.socket.call("room.leave").catch(() => null);
    this.#close();
    await Promise.race([goodbye, new Promise((done) => setTimeout(done, GOODBYE_MS))]);
    this.socket.close();
    this.set({ link: "idle", isListening: false });
  }

  /** The page goes away: nothing may stay open, and there is no time to wait for answers. */
  vanish() {
    this.#close();
    this.socket.close();
  }

  /**
   * Ask the server for something on behalf of a control; a refusal is said to the person.
   *
   * @template {RequestType} T
   * @param {T} type
   * @param {FieldsOf<T>} [fields]
   * @param {Record<string, string>} [sentences] what to say for a code, where the page knows more
   *   than the server's sentence
   * @returns {Promise<AnswerTo<T>|null>} null when it was refused
   */
  async ask(type, fields, sentences = {}) {
    const user = fields && "user" in fields ? (fields.user ?? "") : "";
    return this.whileBusy(`${type}:${user}`, async () => {
      try {
        return await this.socket.call(type, fields);
      } catch (error) {
        if (!(error instanceof RoomError)) throw error;
        throw new RoomError(error.code, sentences[error.code] ?? error.message);
      }
    });
  }

  /** @param {boolean} isSilent */
  setSilent(isSilent) {
    this.remoteAudio.setSilent(isSilent);
    this.set({ isSilent });
  }

  /** @param {boolean} isAudioOnly */
  setAudioOnly(isAudioOnly) {
    this.set({ isAudioOnly });
    this.videoSubscription.onVisibility();
  }

  /** @param {number} user @param {boolean} isMuted */
  muteForMe(user, isMuted) {
    const mutedForMe = new Set(this.pageState.mutedForMe);
    if (isMuted) mutedForMe.add(user);
    else mutedForMe.delete(user);
    this.remoteAudio.muteUsers(mutedForMe);
    this.set({ mutedForMe });
  }

  /** @param {number|null} pinned */
  async pin(pinned) {
    this.set({ pinned });
    if (this.peer.isConnected) await this.ask("media.pin", { user: pinned });
  }

  /**
   * The tab was hidden or shown. After a sleep the connection may be dead without a sign of it.
   */
  onVisibility() {
    this.videoSubscription.onVisibility();
    if (!this.isIn || globalThis.document?.hidden) return;
    this.remoteAudio.recover();
    this.socket.wake();
  }

  /** The network came back or changed its kind. */
  onNetwork() {
    if (!this.isIn) return;
    this.socket.wake();
    if (this.pageState.link === "open") this.#connectIfDue();
  }

  /** @param {Partial<PageState>} changes */
  set(changes) {
    this.pageState = { ...this.pageState, ...changes };
    this.changed();
  }

  /** @param {string} text @param {"info"|"error"} [kind] @param {string} [cause] what it is about */
  toast(text, kind = "info", cause = text) {
    this.#emit((listener) => listener.onToast(text, kind, cause));
  }

  /** What failed has worked. @param {string} cause */
  solved(cause) {
    this.#emit((listener) => listener.onSolved(cause));
  }

  /**
   * Do one thing for a control, which is shown as busy meanwhile and does nothing when pressed
   * again.
   *
   * @template T
   * @param {string} what @param {() => Promise<T>} work
   * @returns {Promise<T|null>} null when refused; the person has been told why
   */
  async whileBusy(what, work) {
    if (this.pageState.busy.has(what)) return null;
    this.set({ busy: new Set([...this.pageState.busy, what]) });
    try {
      const result = await work();
      this.solved(what);
      return result;
    } catch (error) {
      if (!(error instanceof RoomError || error instanceof DeviceError)) throw error;
      // A device fails in one way at a time, whatever it was wanted for.
      this.toast(error.message, "error", (error instanceof DeviceError && error.source) || what);
      return null;
    } finally {
      this.set({ busy: new Set([...this.pageState.busy].filter((one) => one !== what)) });
    }
  }

  /** @param {ServerMessage} message */
  #onMessage(message) {
    // Without a ref it answers no request: the server says why it lets nobody in, or that this page
    // was too fast.
    const before = this.state;
    const isLoginLost = message.type === "error" && message.code === "log_in" && before?.me.user;
    if (message.type === "error" && !message.ref && !isLoginLost)
      this.toast(message.message, "error");
    if (message.type === "space.snapshot" && before && isOtherLogin(before, message)) {
      // A socket that came back by another log-in, or by none: only this page knows the former.
      this.socket.close();
      return this.#onFinal(CLOSED.loggedOut);
    }
    this.state = reduce(before, message);
    if (isBehind(this.state)) this.#catchUpSoon();
    if (message.type === "space.snapshot") this.#onSnapshot();
    if (message.type === "media.closed" && !FINAL_REASONS.has(message.reason))
      this.peer.onClosed(message.peer);
    if (message.type === "media.connected") this.peer.onHealth("good");
    if (message.type === "media.health") this.peer.onHealth(message.level);
    if (message.type === "removed" || message.type === "replaced" || message.type === "space.ended")
      this.#close();
    if (this.state === before && message.type !== "reactions") return;
    if (this.state) this.remoteAudio.assign(assigned(this.state).audio);
    this.publisher.follow(before);
    this.#connectIfNew(before);
    this.#emit((listener) => listener.onEvent(message));
    this.changed();
  }

  /** The server closed for good. @param {number} code */
  #onFinal(code) {
    this.#close();
    if (code === CLOSED.loggedOut && this.state?.me.user) {
      this.state = withoutLogin(this.state);
      this.set({ isListening: false });
    }
    this.set({ link: "idle", closedWith: code });
  }

  /** @param {"opening"|"open"|"lost"} link */
  #onLink(link) {
    this.#isNewSocket = true;
    this.#hasMissed = false; // The snapshot that comes first shows all.
    this.set({ link });
  }

  /** Ask for everything that may have been in it. */
  #onMissed() {
    this.#hasMissed = true;
    this.#catchUpSoon();
  }

  /**
   * A `media.connect` on the new socket brings a connection that the server knows; the old one
   * plays on until then. A snapshot in the middle mends what is shown, and nothing else was lost.
   */
  #onSnapshot() {
    this.publisher.onSnapshot();
    if (!this.#isNewSocket) return;
    this.#isNewSocket = false;
    if (this.#readsCaptions) this.#askForCaptions();
    this.#connectIfDue();
  }

  /** Captions come to this browser only while its page shows them. @param {boolean} isOn */
  readCaptions(isOn) {
    if (isOn === this.#readsCaptions) return;
    this.#readsCaptions = isOn;
    if (this.pageState.link === "open" && this.state) this.#askForCaptions();
  }

  #askForCaptions() {
    void this.socket.call("captions.set", { on: this.#readsCaptions }).catch(() => null);
  }

  #connectIfDue() {
    const state = this.state;
    if (!state || this.#isOver) return;
    const hasSeat = isOnStage(state);
    const isOpen = state.space.state === "live" || (state.space.state === "green" && hasSeat);
    if (isOpen && (this.pageState.isListening || hasSeat)) this.peer.connect();
  }

  #catchUpSoon() {
    this.#catchingUp ??= setTimeout(
      () => this.#catchUp(),
      CATCH_UP_MS + CATCH_UP_SPREAD_MS * Math.random(),
    );
  }

  async #catchUp() {
    const isDue = () =>
      !this.#isOver && (this.#hasMissed || isBehind(this.state)) && this.pageState.link === "open";
    const answer = isDue() ? await this.socket.call("snapshot.get").catch(() => null) : null;
    if (answer && this.#hasMissed && this.#readsCaptions) this.#askForCaptions();
    if (answer) this.#hasMissed = false;
    this.#catchingUp = undefined;
    if (isDue()) this.#catchUpSoon();
  }

  /** @param {MediaLink} media @param {string} mediaCode */
  #onMediaLink(media, mediaCode) {
    this.set({ media, mediaCode });
    if (media === "connected") this.videoSubscription.onConnected();
  }

  /** @param {Streams} streams */
  #onStreams(streams) {
    this.streams = streams;
    this.remoteAudio.play(streams.audio);
    this.changed();
  }

  /**
   * The green room opened, the Space went live, or a listener sat down before sound was on.
   *
   * @param {RoomState|null} before
   */
  #connectIfNew(before) {
    const isNews =
      before &&
      this.state &&
      (mySeat(before) !== mySeat(this.state) || before.space.state !== this.state.space.state);
    if (isNews && this.pageState.media === "idle") this.#connectIfDue();
  }

  /** End of sound, pictures and devices; the page may still show what was. */
  #close() {
    this.#isOver = true;
    this.audioLevels.stop();
    this.videoSubscription.stop();
    this.peer.close();
    this.remoteAudio.stop();
    this.streams = null;
    this.publisher.tracks.closeAll();
  }

  /** Draw again. */
  changed() {
    this.#emit((listener) => listener.onChange());
  }

  /** @param {(listener: RoomListener) => void} what */
  #emit(what) {
    for (const listener of this.#listeners) what(listener);
  }
}
