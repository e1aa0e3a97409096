/**
 * The devices this person has opened for a room, kept through every reconnection, released when
 * they leave.
 *
 * Opened is not sent: `room.js` decides by the seat what goes to the peer.
 */

import {
  LevelMeter,
  hasSeveralCameras,
  openCamera,
  openMicrophone,
  openScreen,
} from "./media_devices.js";

export class LocalTracks {
  /** @type {MediaStreamTrack|null} */ microphone = null;
  /** @type {MediaStreamTrack|null} */ camera = null;
  /** @type {MediaStreamTrack|null} */ screen = null;
  /** @type {"user"|"environment"} */ facing = "user";
  canSwitchCamera = false;
  /** @type {LevelMeter|null} */ #meter = null;

  /**
   * @param {() => void} onChange
   * @param {(device: "microphone"|"camera"|"screen") => void} onEnded unplugged, or stopped from
   *   the browser's own bar
   */
  constructor(onChange, onEnded) {
    this.onChange = onChange;
    this.onEnded = onEnded;
  }

  /** How loud the own microphone is, 0–1; 0 while it is closed. */
  get level() {
    return this.#meter?.level() ?? 0;
  }

  /** Raises DeviceError. Nothing happens if it is open already. */
  async openMicrophone() {
    if (this.microphone) return;
    const track = await openMicrophone();
    this.microphone = track;
    this.#meter = new LevelMeter(track);
    track.onended = () => this.#onEnded("microphone");
    this.onChange();
  }

  /**
   * Ask for the permission alone, so that the later "tap to talk" is one tap. Raises DeviceError.
   */
  async askForMicrophone() {
    if (this.microphone) return;
    (await openMicrophone()).stop();
  }

  async openCamera() {
    if (this.camera) return;
    await this.#startCamera();
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
    const track = await openScreen();
    this.screen = track;
    track.onended = () => this.#onEnded("screen");
    this.onChange();
  }

  /** @param {"microphone"|"camera"|"screen"} device */
  close(device) {
    if (!this[device]) return;
    this.#stop(device);
    this.onChange();
  }

  closeAll() {
    for (const device of /** @type {const} */ (["microphone", "camera", "screen"]))
      this.#stop(device);
    this.onChange();
  }

  async #startCamera() {
    const track = await openCamera(this.facing);
    this.camera = track;
    track.onended = () => this.#onEnded("camera");
    this.canSwitchCamera = await hasSeveralCameras();
    this.onChange();
  }

  /** @param {"microphone"|"camera"|"screen"} device */
  #onEnded(device) {
    this.close(device);
    this.onEnded(device);
  }

  /** @param {"microphone"|"camera"|"screen"} device */
  #stop(device) {
    const track = this[device];
    if (track) track.onended = null;
    track?.stop();
    this[device] = null;
    if (device !== "microphone") return;
    this.#meter?.close();
    this.#meter = null;
  }
}
