// @ts-check
/**
 * `<details data-menu>` as a menu: one open at a time, Escape and a click elsewhere close it,
 * arrows walk through it. What is in the menu of a post in a feed (`data-fetch`) comes when it is
 * asked for.
 */

import { hasModifier } from "./keys.js";

const OPEN = "details[data-menu][open]";

export function closeMenus() {
  for (const menu of document.querySelectorAll(OPEN)) menu.removeAttribute("open");
}

/** @param {Element} menu @param {number} step */
function walk(menu, step) {
  const items = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll(".menu__item")]);
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  items.at((at + step) % items.length)?.focus();
}

/** @type {WeakSet<Element>} */
const asked = new WeakSet();

/**
 * Fetch what is in a menu that is empty yet; after a failure a second press tries again.
 * @param {Element} menu
 */
async function fill(menu) {
  const link = /** @type {HTMLAnchorElement | null} */ (menu.querySelector("a[data-fetch]"));
  if (!link || asked.has(link)) return;
  asked.add(link);
  const parts = { source: menu, target: link, swap: "outerHTML" };
  await htmx.ajax("GET", `${link.href}?menu`, parts).catch(() => undefined); // The shell says it.
  asked.delete(link);
  if (link.isConnected) return;
  // Keys that were faster than the answer have moved to the link which stood there.
  if (menu.matches(OPEN) && document.activeElement === document.body) walk(menu, 1);
  show(menu);
}

/** A menu at the edge of what scrolls would open beyond it. @param {Element} menu */
function show(menu) {
  if (menu.matches(OPEN))
    menu.querySelector(".menu")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

export function watchMenus() {
  // A finger goes down a tenth of a second before the menu opens.
  document.addEventListener("pointerdown", (event) => {
    const summary = /** @type {Element} */ (event.target).closest("[data-menu] > summary");
    if (summary?.parentElement) void fill(summary.parentElement);
  });
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    for (const menu of document.querySelectorAll(OPEN))
      if (!menu.contains(target)) menu.removeAttribute("open");
  });
  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector(OPEN);
    if (!menu) return;
    if (event.key === "Escape") {
      menu.removeAttribute("open");
      menu.querySelector("summary")?.focus();
    }
    if ((event.key !== "ArrowDown" && event.key !== "ArrowUp") || hasModifier(event)) return;
    event.preventDefault();
    walk(menu, event.key === "ArrowDown" ? 1 : -1);
  });
  // `toggle` does not bubble.
  document.addEventListener(
    "toggle",
    (event) => {
      const menu = /** @type {Element} */ (event.target);
      if (!menu.matches(OPEN)) return;
      show(menu);
      void fill(menu);
    },
    true,
  );
  window.addEventListener("parley:page", closeMenus);
}
