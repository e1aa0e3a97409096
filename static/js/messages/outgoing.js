// @ts-check
/**
 * Messages on their way: one after the other, tried again until they arrive or are refused. Knows
 * no page.
 *
 * Each message has a `token`, so that one whose answer was lost is not sent twice
 * (`posts/services/messaging.py`).
 *
 * @typedef {"waiting" | "sending" | "late" | "refused" | "sent"} State
 * @typedef {{token: string, url: string, body: FormData, text: string, state: State, why: string}}
 *   Item
 */

const RETRY_MS = [1_000, 3_000, 8_000, 20_000];

/** The server has said no; trying again without a change would not help. */
export class Refusal extends Error {}

export class Outgoing {
  /** @type {Item[]} */ #items = [];
  #isBusy = false;
  #tries = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #retry;

  /**
   * @param {(item: Item) => Promise<void>} post sends one; throws Refusal for a no, anything else
   *   for a lost connection
   * @param {(item: Item) => void} show tells that the state of an item has changed
   */
  constructor(post, show) {
    this.post = post;
    this.show = show;
  }

  /** What is not there yet, in order. @param {string} url of a conversation */
  waitingFor(url) {
    return this.#items.filter((item) => item.url === url);
  }

  get isEmpty() {
    return this.#items.length === 0;
  }

  /** @param {Omit<Item, "state" | "why">} item */
  add(item) {
    const added = /** @type {Item} */ ({ ...item, state: "waiting", why: "" });
    this.#items.push(added);
    this.show(added);
    void this.#run();
    return added;
  }

  /** Try a refused one once more, or all that are late now. @param {string} [token] */
  retry(token) {
    const item = this.#items.find((one) => one.token === token);
    if (item?.state === "refused") this.#set(item, "waiting");
    clearTimeout(this.#retry);
    this.#tries = 0;
    void this.#run();
  }

  /** @param {string} token */
  drop(token) {
    this.#items = this.#items.filter((item) => item.token !== token || item.state === "sending");
  }

  /** @param {Item} item @param {State} state */
  #set(item, state, why = "") {
    item.state = state;
    item.why = why;
    this.show(item);
  }

  async #run() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let item = this.#next(); item; item = this.#next()) {
      if (!(await this.#send(item))) break;
    }
    this.#isBusy = false;
  }

  /**
   * A refused one lets the others pass; a late one holds them up, for the connection is lost for
   * them too.
   */
  #next() {
    return this.#items.find((item) => item.state !== "refused");
  }

  /** @param {Item} item @returns {Promise<boolean>} false: no connection, wait */
  async #send(item) {
    this.#set(item, "sending");
    try {
      await this.post(item);
    } catch (error) {
      if (error instanceof Refusal) {
        this.#set(item, "refused", error.message);
        return true;
      }
      this.#set(item, "late");
      this.#retry = setTimeout(
        () => void this.#run(),
        RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)],
      );
      this.#tries += 1;
      return false;
    }
    this.#tries = 0;
    this.#items = this.#items.filter((one) => one !== item);
    this.#set(item, "sent");
    return true;
  }
}
