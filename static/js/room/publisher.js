/**
 * What this person sends: opens the devices, asks the server, and sends exactly what the seat
 * allows.
 *
 * @import {Room} from "./room.js"
 * @import {RoomState} from "./state.js"
 * @import {Device} from "./local_tracks.js"
 * @import {Source} from "./messages.js"
 */

import { LocalTracks } from "./local_tracks.js";
import { DeviceError } from "./media_devices.js";
import { mySeat } from "./selectors.js";
import { fill, gettext } from "../i18n.js";

/** @type {Record<Device, Source>} the server's name for it, in messages and on seats */
const SWITCH = { microphone: "mic", camera: "camera", screen: "screen" };
const DEVICES = /** @type {Device[]} */ (Object.keys(SWITCH));

export class Publisher {
  #isReporting = false;
  #wasPaused = false;

  /** @param {Room} room */
  constructor(room) {
    this.room = room;
    this.tracks = new LocalTracks({
      onChange: () => this.#onDevices(),
      onEnded: (device) => this.#onEnded(device),
      onReplaced: (device, label) => this.#onReplaced(device, label),
    });
  }

  /** True while the system has it, though it is on. @param {Source} source */
  isInterrupted(source) {
    return this.#interruptions().includes(source);
  }

  /** What a tap or a key does: off, on, or back from whoever has taken it. */
  toggleMicrophone() {
    return this.setMicrophone(!this.#seat()?.mic || this.isInterrupted("mic"));
  }

  /** As `toggleMicrophone`. */
  toggleCamera() {
    return this.setCamera(!this.#seat()?.camera || this.isInterrupted("camera"));
  }

  /**
   * Muted keeps the microphone open: only so can "you are talking while muted" be noticed.
   *
   * @param {boolean} isOn
   */
  async setMicrophone(isOn) {
    await this.room.whileBusy("mic", async () => {
      if (isOn) await this.#open("microphone", () => this.tracks.openMicrophone());
      await this.room.socket.call("mic.set", { on: isOn });
    });
    this.send();
  }

  /** @param {boolean} isOn */
  setCamera(isOn) {
    return this.#setPicture("camera", isOn, () => this.tracks.openCamera());
  }

  /** @param {boolean} isOn */
  setScreen(isOn) {
    return this.#setPicture("screen", isOn, () => this.tracks.openScreen());
  }

  async switchCamera() {
    await this.room.whileBusy("camera", () => this.tracks.switchCamera());
  }

  /**
   * Ask to speak. The browser asks for the microphone at this click (RULES §5).
   *
   * @param {string} reason
   * @param {boolean} [consent] a yes to being recorded
   */
  async requestToSpeak(reason, consent = false) {
    await this.room.whileBusy("request", async () => {
      await this.#askForMicrophone();
      const answer = await this.room.socket.call("speak.request", {
        ...(reason ? { reason } : {}),
        ...(consent ? { consent } : {}),
      });
      if (answer.state === "requested" && this.room.state?.space.speak_rule === "everyone") {
        this.room.toast(gettext("The stage is full. You go up as soon as a seat is free."));
      }
    });
  }

  /** Release what the seat no longer allows, send what it does. @param {RoomState|null} before */
  follow(before) {
    const seat = this.#seat();
    const had = before ? mySeat(before) : undefined;
    if (had && !seat) this.tracks.closeAll();
    if (had?.camera && seat && !seat.camera) this.tracks.close("camera");
    if (had?.screen && seat && !seat.screen) this.tracks.close("screen");
    const hasStarted =
      before && before.space.state !== "live" && this.room.state?.space.state === "live";
    // One starts with the camera off, its light too.
    if (hasStarted && !seat?.camera) this.tracks.close("camera");
    if (had?.mic && seat && !seat.mic && seat.muted_by !== null && seat.muted_by !== seat.user.id) {
      this.room.toast(gettext("You were muted. Tap the microphone when you want to talk again."));
    }
    this.send();
    this.#report();
  }

  /**
   * The server may still think of something that this page does not have open (any more). How long
   * somebody was away is the server's to judge (RULES §6): it knows whether it was they or we who
   * were gone.
   */
  onSnapshot() {
    const seat = this.#seat();
    if (!seat) return;
    for (const device of DEVICES) {
      if (seat[SWITCH[device]] && !this.tracks[device]) this.#tellOff(device);
    }
  }

  /** Only what the server holds for on is sent; it drops the rest anyway. */
  send() {
    const seat = this.#seat();
    const { microphone, camera, screen } = this.tracks;
    this.room.peer.send("microphone", seat?.mic ? microphone : null);
    this.room.peer.send("camera", seat?.camera ? camera : null);
    this.room.peer.send("display", seat?.screen ? screen : null);
  }

  /**
   * A camera or screen that the server refuses is closed again at once.
   *
   * @param {"camera"|"screen"} device
   * @param {boolean} isOn
   * @param {() => Promise<void>} open
   */
  async #setPicture(device, isOn, open) {
    await this.room.whileBusy(device, async () => {
      if (isOn) await this.#open(device, open);
      else this.tracks.close(device);
      try {
        await this.room.socket.call(`${device}.set`, { on: isOn });
      } catch (error) {
        this.tracks.close(device);
        throw error;
      }
    });
    this.send();
  }

  /**
   * What cannot be had back is off, for all: it must not go on by itself when nobody expects it.
   *
   * @param {Device} device
   * @param {() => Promise<void>} open
   */
  async #open(device, open) {
    try {
      await open();
    } catch (error) {
      if (this.#seat()?.[SWITCH[device]]) this.#tellOff(device);
      throw error;
    }
  }

  async #askForMicrophone() {
    try {
      await this.tracks.askForMicrophone();
      this.room.solved("mic");
    } catch (error) {
      if (!(error instanceof DeviceError) || error.reason === "denied") throw error;
      // No microphone yet, or another program has it: that can be mended while waiting in line.
      this.room.toast(error.message, "error", "mic");
    }
  }

  #seat() {
    return this.room.state ? mySeat(this.room.state) : undefined;
  }

  /** What is on and yet taken by the system. @returns {Source[]} */
  #interruptions() {
    const seat = this.#seat();
    return DEVICES.filter((device) => this.tracks.interrupted.has(device))
      .map((device) => SWITCH[device])
      .filter((source) => seat?.[source]);
  }

  /** Let all know what the system has taken or given back, until the server's word is the same. */
  async #report() {
    const sources = this.#interruptions();
    const told = this.#seat()?.interrupted ?? [];
    if (this.#isReporting || String(sources) === String(told)) return;
    this.#isReporting = true;
    // Without a socket the next snapshot comes back to it.
    const answer = await this.room.socket.call("seat.interrupted", { sources }).catch(() => null);
    this.#isReporting = false;
    if (answer && String(sources) !== String(this.#interruptions())) this.#report();
  }

  #onDevices() {
    this.send();
    this.#report();
    this.room.changed();
    const isPaused = this.isInterrupted("screen");
    if (isPaused && !this.#wasPaused)
      this.room.toast(gettext("What you share stands still: its window is minimised or hidden."));
    this.#wasPaused = isPaused;
  }

  /** @param {Device} device */
  #onEnded(device) {
    this.#tellOff(device);
    if (device === "microphone")
      this.room.toast(gettext("The microphone was unplugged."), "error", "mic");
    if (device === "camera")
      this.room.toast(gettext("The camera was unplugged."), "error", "camera");
  }

  /** @param {"microphone"|"camera"} device @param {string} label */
  #onReplaced(device, label) {
    const text =
      device === "microphone"
        ? gettext("The microphone was unplugged. Now in use: %(name)s")
        : gettext("The camera was unplugged. Now in use: %(name)s");
    this.room.toast(fill(text, { name: label }), "info", SWITCH[device]);
  }

  /** @param {Device} device */
  #tellOff(device) {
    // Without a socket the next snapshot comes back to it.
    this.room.socket.call(`${SWITCH[device]}.set`, { on: false }).catch(() => null);
  }
}
