/**
 * Small makers of elements. Text goes in as text, never as markup; classes and widths never as
 * inline style.
 */

/** @typedef {Node|string|null|false|undefined} Child */
/**
 * @typedef {Record<string, string|number|boolean|null|undefined|((event: any) => void)>} Attributes
 *   any: each event has its own type
 */

/**
 * Make an element. `onclick` and the like become listeners, `true` an empty attribute, `false`/null
 * none at all.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Attributes} [attributes] @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else set(element, name, value);
  }
  element.append(
    ...children.filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/**
 * Set, or take away with null and false; nothing is touched that is right already.
 *
 * @param {Element} element
 * @param {string} name
 * @param {string|number|boolean|null|undefined} value
 */
export function set(element, name, value) {
  if (value === null || value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value === true ? "" : value))
    element.setAttribute(name, String(value === true ? "" : value));
}

/** @param {Element} element @param {string} text */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const SVG = "http://www.w3.org/2000/svg";

/** Where a drawing is; the page names the file that has all of them. @param {string} name */
const drawing = (name) => `${document.body.dataset.icons}#${name}`;

/** One drawing of static/icons.svg. @param {string} name @param {""|"xs"|"sm"|"lg"} [size] */
export function icon(name, size = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", size ? `icon icon--${size}` : "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", drawing(name));
  svg.append(use);
  return svg;
}

/** @param {Element} svg @param {string} name */
export function redraw(svg, name) {
  const use = svg.querySelector("use");
  if (use) set(use, "href", drawing(name));
}

/** Three bars that say "a voice is heard". */
export function levelBars() {
  return h("span", { class: "level", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
}

/** @param {{avatar: string}} person @param {string} [kind] */
export function avatar(person, kind = "") {
  return h(
    "span",
    { class: `avatar ${kind}`.trim() },
    h("img", { class: "avatar__img", src: person.avatar, alt: "" }),
  );
}

/**
 * A dot for each seat, the taken ones lit.
 *
 * @param {number} taken
 * @param {number} all
 * @param {string} label
 */
export function seats(taken, all, label) {
  const dots = Array.from({ length: all }, (_, index) =>
    h("i", { class: index >= taken ? null : index ? "is-taken" : "is-lit" }),
  );
  return h("span", { class: "seats", role: "img", "aria-label": label }, ...dots);
}

/**
 * A key for `keyed` where an element shows nothing of a person that is not here: it is made anew
 * when they are called otherwise.
 *
 * @param {{id: number, name: string, handle: string, avatar: string}} person
 */
export function looks({ id, name, handle, avatar }) {
  return [id, name, handle, avatar].join("\n");
}

/** @type {WeakMap<Element, Map<string|number, Element>>} */
const CHILDREN = new WeakMap();

/**
 * Make `parent` hold one element an item, in order. Elements stay the same while their key does, so
 * focus and pictures survive; what is in the right place is not moved.
 *
 * @template Item
 * @template {Element} E
 * @param {Element} parent @param {Item[]} items @param {(item: Item) => string|number} key
 * @param {(item: Item) => E} make
 * @param {(element: E, item: Item) => void} [update] called for new ones too
 */
export function keyed(parent, items, key, make, update) {
  const before = CHILDREN.get(parent) ?? (parent.replaceChildren(), new Map());
  const after = new Map();
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const element = /** @type {E} */ (before.get(name) ?? make(item));
    after.set(name, element);
    update?.(element, item);
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
  }
  for (const [name, element] of before) if (!after.has(name)) element.remove();
  CHILDREN.set(parent, after);
}

/**
 * The element with `data-room="name"` inside `root`. Raises if the template has none.
 *
 * @param {ParentNode} root
 * @param {string} name
 * @returns {HTMLElement}
 */
export function part(root, name) {
  const found = root.querySelector(`[data-room="${name}"]`);
  if (!(found instanceof HTMLElement)) throw new Error(`The page has no part ${name}.`);
  return found;
}

/**
 * Let htmx know links that came after the page, so that following them swaps #main only.
 *
 * @param {Element} element
 */
export function boost(element) {
  if (typeof htmx !== "undefined") htmx.process(element);
}
