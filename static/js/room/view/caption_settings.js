/** How this person wants captions: on or off, how large, on which ground. Kept in this browser. */

import { gettext } from "../../i18n.js";
import { h } from "../../dom.js";

const KEY = "parley:captions";
export const SIZES = /** @type {const} */ (["small", "normal", "large"]);
export const GROUNDS = /** @type {const} */ (["dusk", "solid", "clear"]);

/** @typedef {{isOn: boolean, size: string, ground: string}} CaptionSettings */

/**
 * What was chosen before; whatever else may stand there counts as the usual.
 *
 * @returns {CaptionSettings}
 */
export function readCaptionSettings() {
  /** @type {any} any: what the browser kept */ let kept = {};
  try {
    kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") ?? {};
  } catch {
    // Nothing readable: the usual.
  }
  return {
    isOn: kept.isOn !== false,
    size: SIZES.includes(kept.size) ? kept.size : "normal",
    ground: GROUNDS.includes(kept.ground) ? kept.ground : "dusk",
  };
}

/** @param {CaptionSettings} settings */
export function saveCaptionSettings(settings) {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // The choice then lasts for this page only.
  }
}

/**
 * The two questions, for a sheet.
 *
 * @param {CaptionSettings} settings
 * @param {(change: Partial<CaptionSettings>) => void} onChange
 */
export function captionSettingFields(settings, onChange) {
  const sizes = { small: gettext("Small"), normal: gettext("Normal"), large: gettext("Large") };
  const grounds = { dusk: gettext("As the room"), solid: gettext("Dark"), clear: gettext("None") };
  return [
    choices("size", gettext("Size"), sizes, settings.size, (size) => onChange({ size })),
    choices("ground", gettext("Background"), grounds, settings.ground, (ground) =>
      onChange({ ground }),
    ),
  ];
}

/**
 * @param {string} name
 * @param {string} title
 * @param {Record<string, string>} options
 * @param {string} now
 * @param {(value: string) => void} onPick
 */
function choices(name, title, options, now, onPick) {
  const rows = Object.entries(options).map(([value, text]) => {
    const input = h("input", {
      type: "radio",
      name: `captions-${name}`,
      value,
      "data-room": `captions-${value}`,
      onchange: () => onPick(value),
    });
    input.checked = value === now;
    return h("label", { class: "segmented__option" }, input, text);
  });
  return h(
    "fieldset",
    { class: "field" },
    h("legend", { class: "field__label" }, title),
    h("div", { class: "segmented" }, ...rows),
  );
}
