import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import {
  saveCaptionSettings,
  readCaptionSettings,
} from "../../../../../static/js/room/view/caption_settings.js";

const USUAL = { isOn: true, size: "normal", ground: "dusk" };
const before = globalThis.localStorage;
/** @type {Map<string, string>} */ let kept;

beforeEach(() => {
  kept = new Map();
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    value: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => kept.set(key, value),
    },
  });
});
afterEach(() =>
  Object.defineProperty(globalThis, "localStorage", { configurable: true, value: before }),
);

test("it shows captions until somebody turns them off, and remembers that", () => {
  assert.deepEqual(readCaptionSettings(), USUAL);
  saveCaptionSettings({ isOn: false, size: "large", ground: "clear" });
  assert.deepEqual(readCaptionSettings(), { isOn: false, size: "large", ground: "clear" });
});

test("it takes whatever else stands there as the usual", () => {
  for (const text of ["", "{", "null", "5", '"x"', "[]", '{"size": "huge", "ground": 5}']) {
    kept.set("parley:captions", text);
    assert.deepEqual(readCaptionSettings(), USUAL, text);
  }
});

test("it goes on where the browser keeps nothing", () => {
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    value: {
      getItem: () => {
        throw new Error("shut");
      },
      setItem: () => {
        throw new Error("shut");
      },
    },
  });
  saveCaptionSettings(USUAL);
  assert.deepEqual(readCaptionSettings(), USUAL);
});
