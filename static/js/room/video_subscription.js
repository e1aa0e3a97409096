/**
 * Which pictures this browser wants from the relay: none while nobody looks, one face while the
 * viewer keeps it in view.
 *
 * A new connection starts with pictures and without a pin, so both are told again then.
 *
 * @import {Call} from "./requests.js"
 */

const HIDDEN_MS = 1_500; // A glance at another tab does not cost the picture.

export class VideoSubscription {
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #timer;
  #isWatched = false;
  #isOn = true;

  /**
   * @param {Call} call
   * @param {() => {isConnected: boolean, isAudioOnly: boolean, pinned: number|null}} now
   */
  constructor(call, now) {
    this.call = call;
    this.now = now;
  }

  /** A view shows the room, or none does any more. @param {boolean} isWatched */
  setWatched(isWatched) {
    this.#isWatched = isWatched;
    this.onVisibility();
  }

  /** The tab was hidden or shown, or the viewer wants sound alone. */
  onVisibility() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), this.#isWanted() ? 0 : HIDDEN_MS);
  }

  onConnected() {
    this.#isOn = true;
    this.#tell();
    const { pinned } = this.now();
    if (pinned !== null) this.call("media.pin", { user: pinned }).catch(() => null);
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #isWanted() {
    return this.#isWatched && !globalThis.document?.hidden && !this.now().isAudioOnly;
  }

  #tell() {
    const isOn = this.#isWanted();
    if (isOn === this.#isOn || !this.now().isConnected) return;
    this.#isOn = isOn;
    this.call("media.video", { on: isOn }).catch(() => {
      this.#isOn = !isOn;
    });
  }
}
