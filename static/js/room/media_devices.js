/** This person's own devices: microphone, camera, screen, and how loud the microphone is. */

import { gettext } from "../i18n.js";

/** @typedef {"microphone"|"camera"|"screen"} Device */

/**
 * A device that could not be opened; `message` says what to do about it, `name` is the browser's.
 */
export class DeviceError extends Error {
  /**
   * @param {string} reason "denied" | "missing" | "busy" | "insecure"
   * @param {string} message
   * @param {"mic"|"camera"|"screen"|""} [source] the server's name for it; "" for all of them
   */
  constructor(reason, message, source = "") {
    super(message);
    this.reason = reason;
    this.source = source;
  }
}

const SENTENCES = {
  denied: {
    microphone: gettext(
      "Your browser keeps the microphone closed. Allow it with the sign beside the address, then try again.",
    ),
    camera: gettext(
      "Your browser keeps the camera closed. Allow it with the sign beside the address, then try again.",
    ),
    screen: gettext("The screen was not shared."),
  },
  missing: {
    microphone: gettext("No microphone was found. Plug one in, then try again."),
    camera: gettext("No camera was found. Plug one in, then try again."),
    screen: gettext("This browser cannot share a screen."),
  },
  busy: {
    microphone: gettext("Another program is using the microphone. Close it there, then try again."),
    camera: gettext("Another program is using the camera. Close it there, then try again."),
    screen: gettext("The screen could not be read. Try another window."),
  },
};

const SOURCE = /** @type {const} */ ({ microphone: "mic", camera: "camera", screen: "screen" });

/** @param {Device} device @param {unknown} error @returns {DeviceError} */
export function explain(device, error) {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError")
    return new DeviceError("denied", SENTENCES.denied[device], SOURCE[device]);
  if (name === "NotFoundError" || name === "OverconstrainedError" || name === "TypeError") {
    return new DeviceError("missing", SENTENCES.missing[device], SOURCE[device]);
  }
  return new DeviceError("busy", SENTENCES.busy[device], SOURCE[device]);
}

function devices() {
  if (!navigator.mediaDevices) {
    throw new DeviceError(
      "insecure",
      gettext("Microphone and camera need a secure address (https, or localhost)."),
    );
  }
  return navigator.mediaDevices;
}

/** @returns {Promise<MediaStreamTrack>} */
export async function openMicrophone() {
  const source = devices();
  try {
    const stream = await source.getUserMedia({
      audio: {
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
        channelCount: 1,
      },
    });
    const [track] = stream.getAudioTracks();
    track.contentHint = "speech";
    return track;
  } catch (error) {
    throw explain("microphone", error);
  }
}

/** @param {"user"|"environment"} facing @returns {Promise<MediaStreamTrack>} */
export async function openCamera(facing) {
  const source = devices();
  try {
    const stream = await source.getUserMedia({
      video: {
        facingMode: facing,
        width: { ideal: 1280 },
        height: { ideal: 720 },
        frameRate: { ideal: 30, max: 30 },
      },
    });
    return stream.getVideoTracks()[0];
  } catch (error) {
    throw explain("camera", error);
  }
}

/** @returns {Promise<MediaStreamTrack>} */
export async function openScreen() {
  const source = devices();
  try {
    const stream = await source.getDisplayMedia({
      video: { frameRate: { ideal: 10, max: 15 } },
      audio: false,
    });
    const [track] = stream.getVideoTracks();
    track.contentHint = "detail";
    return track;
  } catch (error) {
    throw explain("screen", error);
  }
}

export function canShareScreen() {
  return Boolean(globalThis.navigator?.mediaDevices?.getDisplayMedia);
}

/** More than one camera to switch between; names and count are known only after permission. */
export async function hasSeveralCameras() {
  if (!globalThis.navigator?.mediaDevices) return false;
  const all = await navigator.mediaDevices.enumerateDevices();
  return all.filter((one) => one.kind === "videoinput").length > 1;
}

/** @param {"microphone"|"camera"} device @returns {Promise<boolean>} whether the browser knows one */
export async function hasDevice(device) {
  if (!globalThis.navigator?.mediaDevices) return false;
  const kind = device === "microphone" ? "audioinput" : "videoinput";
  return (await navigator.mediaDevices.enumerateDevices()).some((one) => one.kind === kind);
}

const FLOOR_DB = -60; // A quiet room; below it the meter stands still.

/**
 * How loud a local microphone is, 0–1 on a decibel scale. Local sound only, so the graph meets no
 * remote track.
 */
export class LevelMeter {
  /** @param {MediaStreamTrack} track */
  constructor(track) {
    this.context = new AudioContext();
    this.analyser = this.context.createAnalyser();
    this.analyser.fftSize = 1024;
    this.context.createMediaStreamSource(new MediaStream([track])).connect(this.analyser);
    this.samples = new Float32Array(this.analyser.fftSize);
  }

  level() {
    this.analyser.getFloatTimeDomainData(this.samples);
    const power =
      this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length;
    return scale(power);
  }

  close() {
    this.context.close();
  }
}

/** Mean square of samples to 0–1. @param {number} power */
export function scale(power) {
  const decibels = 10 * Math.log10(Math.max(power, 1e-12));
  return Math.min(1, Math.max(0, 1 - decibels / FLOOR_DB));
}
