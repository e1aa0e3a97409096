/**
 * The devices this person has opened for a room, kept through every reconnection, released when
 * they leave.
 *
 * Opened is not sent: `room.js` decides by the seat what goes to the peer. Opened is not usable
 * either: the system takes devices away for a while (a call, another program, a minimised window),
 * which a track says by `mute`, or for good, which it says by `ended`.
 */

import {
  LevelMeter,
  explain,
  hasDevice,
  hasSeveralCameras,
  openCamera,
  openMicrophone,
  openScreen,
} from "./media_devices.js";

/** @typedef {"microphone"|"camera"|"screen"} Device */

const DEVICES = /** @type {Device[]} */ (["microphone", "camera", "screen"]);
// Tracks are muted for a moment at every change of the system's own; RULES §13 wants longer ones
// shown to all within 2 s.
const INTERRUPTED_MS = 800;

/**
 * @typedef {object} TracksListener
 * @property {() => void} onChange opened, closed, interrupted or back
 * @property {(device: Device) => void} onEnded unplugged with nothing in its place, or stopped from
 *   the browser's own bar
 * @property {(device: "microphone"|"camera", label: string) => void} onReplaced unplugged, and this
 *   one opened instead
 */

export class LocalTracks {
  /** @type {MediaStreamTrack|null} */ microphone = null;
  /** @type {MediaStreamTrack|null} */ camera = null;
  /** @type {MediaStreamTrack|null} */ screen = null;
  /** What is open, but taken by the system for now. @type {Set<Device>} */ interrupted = new Set();
  /** @type {"user"|"environment"} */ facing = "user";
  canSwitchCamera = false;
  /** @type {LevelMeter|null} */ #meter = null;
  /** @type {Map<Device, ReturnType<typeof setTimeout>>} */ #waiting = new Map();

  /** @param {TracksListener} listener */
  constructor(listener) {
    this.listener = listener;
  }

  /** How loud the own microphone is, 0–1; 0 while it is closed. */
  get level() {
    return this.#meter?.level() ?? 0;
  }

  /**
   * Raises DeviceError. Nothing happens if it is open already; one that the system has taken is
   * opened anew, and stays closed if it cannot be had.
   */
  openMicrophone() {
    return this.#openAnew("microphone");
  }

  /**
   * Ask for the permission alone, so that the later "tap to talk" is one tap. Raises DeviceError.
   */
  async askForMicrophone() {
    if (this.microphone) return;
    (await openMicrophone()).stop();
  }

  /** As `openMicrophone`. */
  openCamera() {
    return this.#openAnew("camera");
  }

  /** Front to back or back to front; the old picture stays if the other camera cannot be opened. */
  async switchCamera() {
    if (!this.camera) return;
    const before = this.facing;
    this.facing = before === "user" ? "environment" : "user";
    // Phones open one camera at a time: the old one has to be closed first.
    this.#stop("camera");
    try {
      await this.#startCamera();
    } catch (error) {
      this.facing = before;
      await this.#startCamera();
      throw error;
    }
  }

  async openScreen() {
    if (this.screen) return;
    this.#keep("screen", await openScreen());
    this.listener.onChange();
  }

  /** Devices came or went: another one may stand in for what was taken. */
  async onDeviceChange() {
    for (const device of [...this.interrupted]) {
      const taken = this[device];
      if (device === "screen") continue; // Nobody but the person chooses another window.
      const track = await this.#request(device).catch(() => null);
      if (!track) continue;
      // Opened beside it: the one that was taken may still come back by itself.
      if (this[device] === taken && isUsable(track)) this.#replace(device, track);
      else track.stop();
    }
  }

  /** @param {Device} device */
  close(device) {
    if (!this[device]) return;
    this.#stop(device);
    this.listener.onChange();
  }

  closeAll() {
    for (const device of DEVICES) this.#stop(device);
    this.listener.onChange();
  }

  /** @param {"microphone"|"camera"} device */
  async #openAnew(device) {
    if (isUsable(this[device])) return;
    const wasTaken = this[device] !== null;
    this.#stop(device); // Phones open one at a time, and what was taken gives nothing.
    try {
      const track = await this.#request(device);
      if (wasTaken && !isUsable(track)) {
        track.stop();
        throw explain(device, null);
      }
      this.#keep(device, track);
    } finally {
      if (device === "camera") this.canSwitchCamera = await hasSeveralCameras();
      this.listener.onChange();
    }
  }

  async #startCamera() {
    this.#keep("camera", await this.#request("camera"));
    this.listener.onChange();
  }

  /** @param {"microphone"|"camera"} device */
  #request(device) {
    return device === "microphone" ? openMicrophone() : openCamera(this.facing);
  }

  /** @param {"microphone"|"camera"} device @param {MediaStreamTrack} track */
  #replace(device, track) {
    this.#stop(device);
    this.#keep(device, track);
    this.listener.onChange();
  }

  /** @param {Device} device @param {MediaStreamTrack} track */
  #keep(device, track) {
    this[device] = track;
    if (device === "microphone") this.#meter = new LevelMeter(track);
    track.onended = () => this.#onEnded(device);
    track.onmute = track.onunmute = () => this.#onMuted(device);
    this.#onMuted(device); // It may have been taken while it was opened.
  }

  /** The system has taken the device, or given it back. @param {Device} device */
  #onMuted(device) {
    clearTimeout(this.#waiting.get(device));
    this.#waiting.delete(device);
    if (!this[device]?.muted) {
      if (this.interrupted.delete(device)) this.listener.onChange();
      return;
    }
    const timer = setTimeout(() => {
      this.interrupted.add(device);
      this.listener.onChange();
    }, INTERRUPTED_MS);
    this.#waiting.set(device, timer);
  }

  /** Its device is gone: the next one takes its place, if there is one. @param {Device} device */
  async #onEnded(device) {
    const ended = this[device];
    if (device !== "screen" && (await hasDevice(device))) {
      const track = await this.#request(device).catch(() => null);
      if (this[device] !== ended) return track?.stop(); // Closed by hand meanwhile.
      if (track) {
        this.#replace(device, track);
        return this.listener.onReplaced(device, track.label);
      }
    }
    this.close(device);
    this.listener.onEnded(device);
  }

  /** @param {Device} device */
  #stop(device) {
    const track = this[device];
    if (track) track.onended = track.onmute = track.onunmute = null;
    track?.stop();
    this[device] = null;
    clearTimeout(this.#waiting.get(device));
    this.#waiting.delete(device);
    this.interrupted.delete(device);
    if (device !== "microphone") return;
    this.#meter?.close();
    this.#meter = null;
  }
}

/** @param {MediaStreamTrack|null} track */
function isUsable(track) {
  return track !== null && track.readyState === "live" && !track.muted;
}
