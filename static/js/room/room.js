/**
 * One room this browser is in: ties the socket, the state, the connection and the own devices together. No DOM.
 *
 * It outlives the page it was opened from; `view.js` and `dock.js` show it and call its verbs.
 *
 * @import {RoomState} from "./state.js"
 * @import {Streams, MediaLink} from "./peer.js"
 * @import {Message} from "./types.js"
 */

import { Devices } from "./devices.js";
import { DeviceError } from "./media.js";
import { Peer } from "./peer.js";
import { isOnStage, mySeat } from "./select.js";
import { RoomError, RoomSocket } from "./socket.js";
import { assigned, isBehind, reduce } from "./state.js";
import { gettext } from "./words.js";

const LEVELS_MS = 150;
const HEARD_LEVEL = 0.02; // RFC 6464 −34 dBov and louder: speech, not breath.
const TALKING_LEVEL = 0.55; // On the meter's decibel scale: a voice at arm's length.
const TALKING_TICKS = 5; // About 0.8 s of it, so that a cough is no hint.
const HIDDEN_MS = 1_500; // A glance at another tab does not cost the picture.
const KEPT_MIC_MS = 15_000; // RULES §6: away for longer, one comes back muted.
const FINAL_REASONS = new Set(["removed", "replaced", "ended"]);

/**
 * What this browser alone knows.
 *
 * @typedef {object} Local
 * @property {"idle"|"opening"|"open"|"lost"} link the socket
 * @property {number} closedWith close code when the server shut the door, else 0
 * @property {string} doorText the sentence that came with it
 * @property {boolean} isListening the person has pressed "Start listening" (or is on stage)
 * @property {MediaLink} media
 * @property {string} mediaCode why the media failed
 * @property {boolean} isBlocked the browser wants a click before it plays
 * @property {boolean} isSilent all sound off in this browser
 * @property {boolean} isAudioOnly no pictures wanted
 * @property {Set<number>} mutedForMe
 * @property {number|null} pinned whose face this viewer keeps in the main frame
 * @property {Set<string>} busy what is being asked of the server or a device just now
 * @property {boolean} isTalkingMuted
 */

/**
 * @typedef {object} RoomListener
 * @property {() => void} onChange state, local or devices changed
 * @property {(message: Message) => void} onMoment reactions and the like: shown once, kept nowhere
 * @property {(heard: Set<number>, own: number) => void} onLevels who is heard now; own loudness 0–1
 * @property {(text: string, kind?: "info"|"error") => void} onSay
 */

/** @typedef {{id: string, url: string, socketUrl: string}} RoomAddress */

export class Room {
  /** @type {RoomState|null} */ state = null;
  /** @type {Streams|null} */ streams = null;
  /** @type {Set<RoomListener>} */ #listeners = new Set();
  /** @type {ReturnType<typeof setInterval>|undefined} */ #levelTimer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #hiddenTimer;
  #isCatchingUp = false;
  #isWatched = false;
  #isVideoOn = true;
  #talkingTicks = 0;
  #lostAt = 0;
  #isOver = false;
  /** Why this room cannot be entered now, as a sentence; "" lets in. @type {() => string} */
  guard = () => "";

  /** @param {RoomAddress} address @param {import("./sound.js").Sound} sound */
  constructor(address, sound) {
    this.address = address;
    this.sound = sound;
    this.devices = new Devices(() => this.#onDevices(), (device) => this.#onDeviceEnded(device));
    this.socket = new RoomSocket(address.socketUrl, {
      onMessage: (message) => this.#onMessage(message),
      onLink: (link) => this.#onLink(link),
      onFinal: (code) => this.#onFinal(code),
    });
    this.peer = new Peer((type, fields) => this.socket.call(type, fields), {
      onLink: (media, mediaCode) => this.#onMediaLink(media, mediaCode),
      onStreams: (streams) => this.#onStreams(streams),
    });
    /** @type {Local} */
    this.local = {
      link: "idle", closedWith: 0, doorText: "", isListening: false, media: "idle", mediaCode: "", isBlocked: false, isSilent: false,
      isAudioOnly: false, mutedForMe: new Set(), pinned: null, busy: new Set(), isTalkingMuted: false,
    };
  }

  /** True from the first step in until leaving, removal or the end. */
  get isIn() {
    return this.local.link !== "idle" && !this.#isOver;
  }

  /** @param {RoomListener} listener @returns {() => void} stop listening */
  watch(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Step into the room without sound yet: the host on the way to the green room, or a person on stage after a reload. */
  enter() {
    if (this.isIn || this.#isRefused()) return;
    this.#isOver = false;
    this.set({ link: "opening", closedWith: 0, doorText: "" });
    this.socket.open();
    this.#levelTimer = setInterval(() => this.#tick(), LEVELS_MS);
  }

  /** "Start listening": call it from the click, which also lets the browser play. */
  listen() {
    if (this.#isRefused()) return;
    this.set({ isListening: true });
    this.sound.resume();
    if (!this.isIn) this.enter();
    else this.#connectIfDue();
  }

  #isRefused() {
    const reason = this.guard();
    if (reason) this.say(reason, "error");
    return Boolean(reason);
  }

  /** Go out. The server is told so that the seat is free at once. */
  async leave() {
    if (!this.isIn) return;
    const goodbye = this.socket.call("room.leave").catch(() => null);
    this.#close();
    await Promise.race([goodbye, new Promise((done) => setTimeout(done, 800))]);
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
   * @param {string} type @param {Record<string, unknown>} [fields]
   * @returns {Promise<Message|null>} null when it was refused
   */
  async ask(type, fields = {}) {
    return this.#whileBusy(`${type}:${fields.user ?? ""}`, () => this.socket.call(type, fields));
  }

  /** @param {boolean} isOn */
  async setMicrophone(isOn) {
    await this.#whileBusy("mic", async () => {
      if (isOn) await this.devices.openMicrophone();
      await this.socket.call("mic.set", { on: isOn });
    });
    this.#sendTracks();
  }

  /** @param {boolean} isOn */
  async setCamera(isOn) {
    await this.#whileBusy("camera", async () => {
      if (!isOn) this.devices.close("camera");
      if (isOn) await this.devices.openCamera();
      await this.socket.call("camera.set", { on: isOn }).catch((error) => {
        this.devices.close("camera");
        throw error;
      });
    });
    this.#sendTracks();
  }

  async switchCamera() {
    await this.#whileBusy("camera", () => this.devices.switchCamera());
  }

  /** @param {boolean} isOn */
  async setScreen(isOn) {
    await this.#whileBusy("screen", async () => {
      if (!isOn) this.devices.close("screen");
      if (isOn) await this.devices.openScreen();
      await this.socket.call("screen.set", { on: isOn }).catch((error) => {
        this.devices.close("screen");
        throw error;
      });
    });
    this.#sendTracks();
  }

  /** Ask to speak. The browser asks for the microphone at this click (RULES §5). @param {string} reason */
  async requestToSpeak(reason) {
    await this.#whileBusy("request", async () => {
      try {
        await this.devices.askForMicrophone();
      } catch (error) {
        if (error instanceof DeviceError && error.reason === "denied") throw error;
        // No microphone yet, or another program has it: that can be mended while waiting in line.
        if (error instanceof Error) this.say(error.message, "error");
      }
      await this.socket.call("speak.request", reason ? { reason } : {});
    });
  }

  /** @param {boolean} isSilent */
  setSilent(isSilent) {
    this.sound.setSilent(isSilent);
    this.set({ isSilent });
  }

  /** @param {boolean} isAudioOnly */
  setAudioOnly(isAudioOnly) {
    this.set({ isAudioOnly });
    this.#tellVideo();
  }

  /** @param {number} user @param {boolean} isMuted */
  muteForMe(user, isMuted) {
    const mutedForMe = new Set(this.local.mutedForMe);
    if (isMuted) mutedForMe.add(user);
    else mutedForMe.delete(user);
    this.sound.muteUsers(mutedForMe);
    this.set({ mutedForMe });
  }

  /** @param {number|null} pinned */
  async pin(pinned) {
    this.set({ pinned });
    if (this.peer.isConnected) await this.ask("media.pin", { user: pinned });
  }

  /** A view shows this room (or none does any more): pictures are wanted only while somebody looks. @param {boolean} isWatched */
  setWatched(isWatched) {
    this.#isWatched = isWatched;
    this.onVisibility();
  }

  /** The browser tab was hidden or shown. */
  onVisibility() {
    clearTimeout(this.#hiddenTimer);
    const isSeen = this.#isSeen();
    this.#hiddenTimer = setTimeout(() => this.#tellVideo(), isSeen ? 0 : HIDDEN_MS);
  }

  /** The network came back or changed its kind. */
  onNetwork() {
    if (!this.isIn) return;
    this.socket.hurry();
    if (this.local.link === "open") this.#connectIfDue();
  }

  /** @param {Partial<Local>} changes */
  set(changes) {
    this.local = { ...this.local, ...changes };
    this.#changed();
  }

  /** @param {string} text @param {"info"|"error"} [kind] */
  say(text, kind = "info") {
    for (const listener of this.#listeners) listener.onSay(text, kind);
  }

  /**
   * @template T
   * @param {string} what @param {() => Promise<T>} work
   * @returns {Promise<T|null>} null when refused; the person has been told why
   */
  async #whileBusy(what, work) {
    if (this.local.busy.has(what)) return null;
    this.set({ busy: new Set([...this.local.busy, what]) });
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RoomError || error instanceof DeviceError)) throw error;
      this.say(error.message, "error");
      return null;
    } finally {
      this.set({ busy: new Set([...this.local.busy].filter((one) => one !== what)) });
    }
  }

  /** @param {Message} message */
  #onMessage(message) {
    if (message.type === "error" && !message.ref) this.local.doorText = message.message;
    const before = this.state;
    this.state = reduce(before, message);
    if (isBehind(this.state)) this.#catchUp();
    if (message.type === "space.snapshot") this.#onSnapshot();
    if (message.type === "media.closed") this.#onMediaClosed(message);
    if (message.type === "removed" || message.type === "replaced" || message.type === "space.ended") this.#close();
    if (this.state === before && message.type !== "reactions") return;
    if (this.state) this.sound.assign(assigned(this.state).audio);
    this.#followSeat(before);
    for (const listener of this.#listeners) listener.onMoment(message);
    this.#changed();
  }

  /** Sound follows at once; a `media.connect` on the new socket brings a connection that the server knows. */
  #onSnapshot() {
    const seat = this.state && mySeat(this.state);
    const wasAwayLong = this.#lostAt && Date.now() - this.#lostAt > KEPT_MIC_MS;
    this.#lostAt = 0;
    // The server may still think of a microphone, camera or screen that this page does not have open (any more).
    if (seat?.mic && (!this.devices.microphone || wasAwayLong)) this.socket.call("mic.set", { on: false }).catch(() => null);
    if (seat?.camera && !this.devices.camera) this.socket.call("camera.set", { on: false }).catch(() => null);
    if (seat?.screen && !this.devices.screen) this.socket.call("screen.set", { on: false }).catch(() => null);
    this.#connectIfDue();
  }

  #connectIfDue() {
    const state = this.state;
    if (!state || this.#isOver) return;
    const isOnStage_ = isOnStage(state);
    const isOpen = state.space.state === "live" || (state.space.state === "green" && isOnStage_);
    if (isOpen && (this.local.isListening || isOnStage_)) this.peer.connect();
  }

  async #catchUp() {
    if (this.#isCatchingUp) return;
    this.#isCatchingUp = true;
    await this.socket.call("snapshot.get").catch(() => null);
    this.#isCatchingUp = false;
    if (isBehind(this.state) && this.local.link === "open") setTimeout(() => this.#catchUp(), 500);
  }

  /** @param {"opening"|"open"|"lost"} link */
  #onLink(link) {
    if (link === "lost" && this.local.link !== "lost") this.#lostAt = Date.now();
    this.set({ link });
  }

  /** @param {number} code */
  #onFinal(code) {
    this.#close();
    this.set({ link: "idle", closedWith: code });
  }

  /** @param {MediaLink} media @param {string} mediaCode */
  #onMediaLink(media, mediaCode) {
    this.set({ media, mediaCode });
    if (media !== "connected") return;
    this.#isVideoOn = true; // A new connection starts with pictures and without a pin.
    this.#tellVideo();
    if (this.local.pinned !== null) this.socket.call("media.pin", { user: this.local.pinned }).catch(() => null);
  }

  /** @param {Streams} streams */
  #onStreams(streams) {
    this.streams = streams;
    this.sound.play(streams.audio);
    this.#changed();
  }

  /** @param {Message} message */
  #onMediaClosed(message) {
    if (FINAL_REASONS.has(message.reason)) return;
    this.peer.onClosed(message.peer);
  }

  /** Release what the seat no longer allows, send what it does. @param {RoomState|null} before */
  #followSeat(before) {
    if (!this.state) return;
    const had = before && mySeat(before);
    const seat = mySeat(this.state);
    if (had && !seat) this.devices.closeAll();
    if (had?.camera && seat && !seat.camera) this.devices.close("camera");
    if (had?.screen && seat && !seat.screen) this.devices.close("screen");
    if (had && seat && had.mic && !seat.mic && seat.muted_by !== null && seat.muted_by !== seat.user.id) {
      this.say(gettext("You were muted. Tap the microphone when you want to talk again."));
    }
    if (!before || had !== seat || before.space.state !== this.state.space.state) this.#connectIfNew(before);
    this.#sendTracks();
  }

  /** The green room opened, the Space went live, or a listener sat down before sound was on. @param {RoomState|null} before */
  #connectIfNew(before) {
    if (before && this.local.media === "idle") this.#connectIfDue();
  }

  /** Only what the server holds for on is sent; it drops the rest anyway. */
  #sendTracks() {
    const seat = this.state ? mySeat(this.state) : undefined;
    const { microphone, camera, screen } = this.devices;
    this.peer.send("microphone", seat?.mic ? microphone : null);
    this.peer.send("camera", seat?.camera ? camera : null);
    this.peer.send("display", seat?.screen ? screen : null);
  }

  #onDevices() {
    this.#sendTracks();
    this.#changed();
  }

  /** @param {"microphone"|"camera"|"screen"} device */
  #onDeviceEnded(device) {
    const type = { microphone: "mic.set", camera: "camera.set", screen: "screen.set" }[device];
    this.socket.call(type, { on: false }).catch(() => null);
    if (device === "microphone") this.say(gettext("The microphone was unplugged."), "error");
    if (device === "camera") this.say(gettext("The camera was unplugged."), "error");
  }

  #isSeen() {
    return this.#isWatched && !globalThis.document?.hidden && !this.local.isAudioOnly;
  }

  #tellVideo() {
    const isOn = this.#isSeen();
    if (isOn === this.#isVideoOn || !this.peer.isConnected) return;
    this.#isVideoOn = isOn;
    this.socket.call("media.video", { on: isOn }).catch(() => {
      this.#isVideoOn = !isOn;
    });
  }

  #tick() {
    if (!this.state || globalThis.document?.hidden) return;
    const slots = assigned(this.state).audio;
    /** @type {Set<number>} */
    const heard = new Set();
    this.peer.levels().forEach((level, index) => {
      const user = slots[index];
      if (level >= HEARD_LEVEL && user !== null && user !== undefined) heard.add(user);
    });
    const own = this.devices.level;
    const seat = mySeat(this.state);
    if (seat?.mic && own >= TALKING_LEVEL) heard.add(seat.user.id);
    this.#noteMutedTalk(Boolean(seat && !seat.mic), own);
    for (const listener of this.#listeners) listener.onLevels(heard, own);
  }

  /** @param {boolean} isMuted on stage with the microphone off @param {number} own */
  #noteMutedTalk(isMuted, own) {
    const step = own >= TALKING_LEVEL ? 1 : -0.5;
    this.#talkingTicks = isMuted ? Math.min(20, Math.max(0, this.#talkingTicks + step)) : 0;
    const isTalkingMuted = this.#talkingTicks >= (this.local.isTalkingMuted ? 1 : TALKING_TICKS);
    if (isTalkingMuted !== this.local.isTalkingMuted) this.set({ isTalkingMuted });
  }

  /** End of sound, pictures and devices; the page may still show what was. */
  #close() {
    this.#isOver = true;
    clearInterval(this.#levelTimer);
    clearTimeout(this.#hiddenTimer);
    this.peer.close();
    this.sound.stop();
    this.streams = null;
    this.devices.closeAll();
  }

  #changed() {
    for (const listener of this.#listeners) listener.onChange();
  }
}
