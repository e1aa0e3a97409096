// @ts-check
/**
 * `<details data-menu>` as a menu: one open at a time, Escape and a click elsewhere close it,
 * arrows walk through it.
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

export function watchMenus() {
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
  // A menu at the edge of what scrolls would open beyond it. `toggle` does not bubble.
  document.addEventListener(
    "toggle",
    (event) => {
      const menu = /** @type {Element} */ (event.target);
      if (menu.matches(OPEN))
        menu.querySelector(".menu")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    },
    true,
  );
  window.addEventListener("parley:page", closeMenus);
}
