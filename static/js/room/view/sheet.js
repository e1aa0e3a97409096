/**
 * One modal sheet at a time: a bottom sheet on a phone, a dialog on a desktop. Escape and a tap
 * outside close it.
 */

import { gettext } from "../../i18n.js";
import { h, icon } from "../../dom.js";

/**
 * @typedef {{icon: string, text: string, onPick: () => void, hook?: string, isDangerous?: boolean,
 *   key?: string, user?: number}} Item
 */

/**
 * @typedef {{text: string, kind: string, hook: string, user?: number, onPick: () => void}} Answer
 *   `kind`: class of the button
 */

export class Sheet {
  /** @type {HTMLDialogElement|null} */ #open = null;

  get isOpen() {
    return this.#open?.open ?? false;
  }

  /**
   * Show `content` under `title`. The focus goes in, and back to where it was afterwards
   * (`<dialog>` does both).
   *
   * @param {string} name for `data-room`
   * @param {string} title
   * @param {...(Node|string|null|false)} content
   */
  show(name, title, ...content) {
    this.close();
    const heading = h("h2", { class: "sheet__title", id: "room-sheet-title", dir: "auto" }, title);
    const shut = h(
      "button",
      {
        class: "btn btn--icon btn--quiet sheet__close",
        type: "button",
        "aria-label": gettext("Close"),
        onclick: () => this.close(),
      },
      icon("x"),
    );
    const dialog = h(
      "dialog",
      { class: "sheet", "data-room": name, "aria-labelledby": "room-sheet-title" },
      h("span", { class: "panel__grip" }),
      h("div", { class: "sheet__top" }, heading, shut),
      ...content,
    );
    // A click on the backdrop is a click on the dialog itself, outside its own box.
    dialog.addEventListener("click", (event) => event.target === dialog && this.close());
    dialog.addEventListener("close", () => this.#forget(dialog));
    document.body.append(dialog);
    this.#open = dialog;
    dialog.showModal();
    return dialog;
  }

  /**
   * @param {string} name
   * @param {string} title
   * @param {(Item|null|undefined|false|"rule")[]} items
   * @param {Node} [head]
   */
  menu(name, title, items, head) {
    const list = h(
      "div",
      { class: "sheet__menu" },
      ...items.map(
        (item) => item && (item === "rule" ? h("hr", { class: "menu__rule" }) : this.#item(item)),
      ),
    );
    list.querySelector("button")?.toggleAttribute("autofocus", true);
    return this.show(name, title, head ?? null, list);
  }

  /**
   * A question with a few answers, and one that changes nothing.
   *
   * @param {string} name
   * @param {string} title
   * @param {string} text
   * @param {Answer[]} answers
   * @param {string} stay
   */
  confirm(name, title, text, answers, stay) {
    const buttons = answers.map((answer) => this.#answer(answer));
    return this.show(
      name,
      title,
      h("p", { class: "muted" }, text),
      h(
        "div",
        { class: "sheet__actions" },
        ...buttons,
        h(
          "button",
          {
            class: "btn btn--quiet",
            type: "button",
            "data-room": "stay",
            autofocus: true,
            onclick: () => this.close(),
          },
          stay,
        ),
      ),
    );
  }

  close() {
    this.#open?.close();
  }

  /** @param {Answer} answer */
  #answer({ text, kind, hook, user, onPick }) {
    const pick = () => {
      this.close();
      onPick();
    };
    return h(
      "button",
      { class: `btn ${kind}`, type: "button", "data-room": hook, "data-user": user, onclick: pick },
      text,
    );
  }

  /** @param {HTMLDialogElement} dialog */
  #forget(dialog) {
    dialog.remove();
    if (this.#open === dialog) this.#open = null;
  }

  /** @param {Item} item */
  #item(item) {
    const pick = () => {
      this.close();
      item.onPick();
    };
    return h(
      "button",
      {
        class: item.isDangerous ? "menu__item menu__item--danger" : "menu__item",
        type: "button",
        "data-room": item.hook,
        "data-user": item.user,
        onclick: pick,
      },
      icon(item.icon),
      item.text,
      item.key ? h("kbd", {}, item.key) : null,
    );
  }
}

/**
 * A labelled switch row.
 *
 * @param {{title: string, hint?: string, isOn: boolean, hook: string, onSet: (isOn: boolean) =>
 *   void}} options
 */
export function switchRow({ title, hint, isOn, hook, onSet }) {
  const input = h("input", {
    class: "switch",
    type: "checkbox",
    role: "switch",
    "data-room": hook,
    onchange: () => onSet(input.checked),
  });
  input.checked = isOn;
  return h(
    "label",
    { class: "row row--plain" },
    h(
      "span",
      { class: "row__text" },
      h("span", { class: "row__title" }, title),
      hint ? h("span", { class: "row__hint" }, hint) : null,
    ),
    input,
  );
}
