// @ts-check
/** The poll of a composer: opened, filled, closed. A fieldset that is disabled sends nothing. */

/** @param {Element} form */
const pollOf = (form) =>
  /** @type {HTMLFieldSetElement | null} */ (form.querySelector("[data-poll]"));

/** @param {Element | null | undefined} form @param {boolean} on */
function toggle(form, on) {
  const poll = form && pollOf(form);
  if (!poll) return;
  poll.hidden = !on;
  poll.disabled = !on;
  form.querySelector("[data-open-poll]")?.setAttribute("aria-expanded", String(on));
  if (!on) for (const input of poll.querySelectorAll("input")) input.value = "";
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

/** @param {HTMLFieldSetElement} poll */
function addOption(poll) {
  const list = /** @type {Element} */ (poll.querySelector("[data-options]"));
  const most = Number(poll.dataset.most);
  const fresh = /** @type {HTMLInputElement} */ (
    /** @type {Element} */ (list.lastElementChild).cloneNode()
  );
  const name = `${/** @type {HTMLElement} */ (poll.querySelector("[data-add-option]")).dataset.label} ${list.children.length + 1}`;
  fresh.value = "";
  fresh.placeholder = name;
  fresh.setAttribute("aria-label", name);
  list.append(fresh);
  fresh.focus();
  showAdd(poll, most);
}

/** @param {HTMLFieldSetElement} poll @param {number} most */
function showAdd(poll, most) {
  const add = /** @type {HTMLElement} */ (poll.querySelector("[data-add-option]"));
  add.hidden = (poll.querySelector("[data-options]")?.children.length ?? 0) >= most;
}

/** True if a poll is open in the form. @param {Element} form */
export const hasPoll = (form) => pollOf(form)?.disabled === false;

/** How many options are filled in. @param {Element} form */
export function filledOptions(form) {
  return [...form.querySelectorAll("[data-poll] input[name=option]")].filter((input) =>
    /** @type {HTMLInputElement} */ (input).value.trim(),
  ).length;
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const form = target.closest("form");
  if (target.closest("[data-open-poll]") && form) {
    toggle(form, !hasPoll(form));
    if (hasPoll(form))
      /** @type {HTMLElement | null} */ (form.querySelector("[data-poll] input"))?.focus();
  }
  if (target.closest("[data-drop-poll]")) {
    toggle(form, false);
    /** @type {HTMLElement | null | undefined} */ (
      form?.querySelector("[data-open-poll]")
    )?.focus();
  }
  const add = target.closest("[data-add-option]");
  if (add) addOption(/** @type {HTMLFieldSetElement} */ (add.closest("[data-poll]")));
});

document.addEventListener("reset", (event) => {
  const form = /** @type {Element} */ (event.target);
  const list = form.querySelector?.("[data-poll] [data-options]");
  if (!list) return;
  while (list.children.length > 2) list.lastElementChild?.remove();
  toggle(form, false);
});
