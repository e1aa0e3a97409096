/**
 * Remote sound: three audio elements that live outside #main, so a change of page does not
 * interrupt them.
 *
 * Media elements only, never a Web Audio graph: the browser's echo canceller hears what they play
 * (RULES §7).
 */

const RECOVER_MS = 250; // The system stops the elements one after the other.
// What it stops again so soon is not ours to start: the person has to.
const STOPPED_AGAIN_MS = 1_000;

export class RemoteAudio {
  /** @type {(number|null)[]} */ #users = [];
  /** @type {Set<number>} */ #mutedUsers = new Set();
  #isSilent = false;
  #startedAt = -STOPPED_AGAIN_MS;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #recovering;

  /**
   * @param {HTMLAudioElement[]} elements one a slot
   * @param {(isBlocked: boolean) => void} onBlocked
   */
  constructor(elements, onBlocked) {
    this.elements = elements;
    this.onBlocked = onBlocked;
    for (const element of elements) element.addEventListener("pause", () => this.#onPause(element));
  }

  /** Play these streams, one a slot. @param {MediaStream[]} streams */
  play(streams) {
    this.elements.forEach((element, index) => {
      element.srcObject = streams[index] ?? null;
    });
    return this.resume();
  }

  /**
   * Let the elements play from now on; only inside a click. Safari wants each element started by
   * one before it has sound, the others remember the click for the whole page.
   */
  unlock() {
    for (const element of this.elements) {
      if (element.srcObject) continue;
      element.srcObject = new MediaStream();
      // Ends with AbortError when the first stream comes, which starts itself.
      element.play().catch(() => null);
    }
    return this.resume();
  }

  /**
   * Start what the browser held back. Call it from a click once; afterwards the page may play by
   * itself.
   *
   * Tells `onBlocked` whether a click is (still) needed.
   */
  async resume() {
    const starts = this.elements
      .filter((element) => element.srcObject)
      .map((element) => element.play());
    const results = await Promise.allSettled(starts);
    // AbortError is a newer stream taking over, which starts itself; only NotAllowedError waits for
    // a click.
    this.onBlocked(
      results.some((one) => one.status === "rejected" && one.reason?.name === "NotAllowedError"),
    );
  }

  /**
   * Play on what the system has stopped: a call, another program that plays, a headset that was
   * pulled out. Nothing here pauses an element, so whatever stands still was stopped by it.
   */
  recover() {
    clearTimeout(this.#recovering);
    this.#recovering = undefined;
    if (!this.elements.some(isStopped)) return;
    this.#startedAt = performance.now();
    return this.resume();
  }

  /** @param {HTMLAudioElement} element */
  #onPause(element) {
    // While nobody looks somebody else has the speaker: taking it back would stop their music.
    if (!isStopped(element) || globalThis.document?.hidden) return;
    if (performance.now() - this.#startedAt < STOPPED_AGAIN_MS) this.onBlocked(true);
    else this.#recovering ??= setTimeout(() => this.recover(), RECOVER_MS);
  }

  stop() {
    for (const element of this.elements) element.srcObject = null;
    this.onBlocked(false);
  }

  /** Who speaks in which slot now. @param {(number|null)[]} users */
  assign(users) {
    this.#users = users;
    this.#apply();
  }

  /** Everything off or on, for this browser alone. @param {boolean} isSilent */
  setSilent(isSilent) {
    this.#isSilent = isSilent;
    this.#apply();
    if (!isSilent) this.recover();
  }

  /** "Mute for me". @param {Set<number>} users */
  muteUsers(users) {
    this.#mutedUsers = users;
    this.#apply();
  }

  #apply() {
    this.elements.forEach((element, index) => {
      const user = this.#users[index] ?? null;
      element.muted = this.#isSilent || (user !== null && this.#mutedUsers.has(user));
    });
  }
}

/** It has something to play and does not. @param {HTMLAudioElement} element */
function isStopped(element) {
  const stream = /** @type {MediaStream|null} */ (element.srcObject);
  return Boolean(stream?.active) && element.paused;
}
