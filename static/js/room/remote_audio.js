/**
 * Remote sound: three audio elements that live outside #main, so a change of page does not
 * interrupt them.
 *
 * Media elements only, never a Web Audio graph: the browser's echo canceller hears what they play
 * (RULES §7).
 */

export class RemoteAudio {
  /** @type {(number|null)[]} */ #users = [];
  /** @type {Set<number>} */ #mutedUsers = new Set();
  #isSilent = false;

  /**
   * @param {HTMLAudioElement[]} elements one a slot
   * @param {(isBlocked: boolean) => void} onBlocked
   */
  constructor(elements, onBlocked) {
    this.elements = elements;
    this.onBlocked = onBlocked;
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
