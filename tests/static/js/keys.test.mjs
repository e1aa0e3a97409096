import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.Element = class {
  /** @param {string} kind "" is the page itself */
  constructor(kind) {
    this.kind = kind;
  }
  closest() {
    return this.kind ? this : null;
  }
};
const { digitOf, isHurried, keepOut, keyOf, mayBeCommand, take } = await import(
  "../../../static/js/keys.js"
);

const page = new Element("");
const field = new Element("input");
let now = 0;

function press(key, code, more = {}) {
  const event = {
    ...{ key, code, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false },
    ...{ repeat: false, isComposing: false, defaultPrevented: false, target: page },
    ...{ timeStamp: now, isStopped: false, ...more },
    preventDefault() {
      event.defaultPrevented = true;
    },
    stopPropagation() {
      event.isStopped = true;
    },
  };
  return event;
}

for (const [layout, key, code, wanted, shiftKey = false] of [
  ["QWERTY", "m", "KeyM", "m"],
  ["Caps Lock", "M", "KeyM", "m"],
  ["AZERTY, the letter", "m", "Semicolon", "m"],
  ["AZERTY, its place", ",", "KeyM", ","],
  ["Dvorak, the letter", "r", "KeyO", "r"],
  ["Dvorak, its place", "p", "KeyR", "p"],
  ["Dvorak, the place of E", ".", "KeyE", "."],
  ["Czech", "ě", "Digit2", "ě"],
  ["Russian", "ь", "KeyM", "m"],
  ["Russian", "м", "KeyV", "v"],
  ["Russian", "к", "KeyR", "r"],
  ["Russian, Caps Lock", "С", "KeyC", "c"],
  ["Russian, Shift+L", "Д", "KeyL", "l", true],
  ["Russian, speed up", "Ю", "Period", ">", true],
  ["Ukrainian", "і", "KeyS", "s"],
  ["Greek", "ψ", "KeyC", "c"],
  ["Hebrew", "ה", "KeyV", "v"],
  ["Arabic", "ق", "KeyR", "r"],
  ["Arabic, two letters on one key", "لا", "KeyB", "b"],
  ["Arabic, slow down", "؟", "Slash", "?", true],
  ["Arabic, search", "ظ", "Slash", "/"],
  ["Hindi, a vowel sign", "ी", "KeyR", "r"],
  ["Thai", "ท", "KeyM", "m"],
  ["Georgian", "მ", "KeyM", "m"],
  ["Korean", "ㅡ", "KeyM", "m"],
  ["an input method", "Process", "KeyV", "v"],
  ["a named key", "Enter", "Enter", "Enter"],
  ["a named key", "ArrowLeft", "ArrowLeft", "ArrowLeft"],
  ["a dead key", "Dead", "KeyE", "Dead"],
  ["a letter beside ours", "х", "BracketLeft", "х"],
  ["a phone", "м", "", "м"],
]) {
  test(`it knows ${wanted} from ${key} at ${code}: ${layout}`, () => {
    assert.equal(keyOf({ key, code, shiftKey }), wanted);
  });
}

for (const [layout, key, code, wanted, shiftKey = false] of [
  ["QWERTY", "3", "Digit3", "3"],
  ["the number block", "3", "Numpad3", "3"],
  ["AZERTY", "é", "Digit2", "2"],
  ["AZERTY with Shift", "2", "Digit2", "2", true],
  ["Persian", "۳", "Digit3", "3"],
  ["an exclamation mark", "!", "Digit1", "", true],
  ["a letter", "m", "KeyM", ""],
  ["the number block without Num Lock", "End", "Numpad1", ""],
]) {
  test(`it knows the digit ${wanted} from ${key} at ${code}: ${layout}`, () => {
    assert.equal(digitOf({ key, code, shiftKey }), wanted);
  });
}

test("a key alone may be a command", () => {
  assert.equal(mayBeCommand(press("m", "KeyM")), true);
});

for (const [what, more] of [
  ["while somebody types", { target: field }],
  ["with Ctrl", { ctrlKey: true }],
  ["with Meta", { metaKey: true }],
  ["with Alt", { altKey: true }],
  ["with AltGr", { getModifierState: (name) => name === "AltGraph" }],
  ["in the middle of a composition", { isComposing: true }],
  ["while it is held", { repeat: true }],
  ["that another part of the page has taken", { defaultPrevented: true }],
]) {
  test(`a key is no command ${what}`, () => {
    assert.equal(mayBeCommand(press("m", "KeyM", more)), false);
  });
}

/** What the page does with the keys in a row; returns those that a field would be given. */
function typed(presses) {
  const into = [];
  for (const [key, after, more = {}] of presses) {
    now += after;
    const event = press(key, `Key${key.toUpperCase()}`, more);
    keepOut(event);
    if (event.defaultPrevented) continue;
    if (event.target === field) into.push(key);
    else take(event);
  }
  return into.join("");
}

test("a command that opens a field is not typed into it by further presses", () => {
  const inField = { target: field };
  assert.equal(
    typed([
      ["r", 10_000],
      ["r", 120, inField],
      ["r", 120, inField],
      ["r", 500, inField],
    ]),
    "",
  );
});

test("nor by a key that is held", () => {
  const held = { target: field, repeat: true };
  assert.equal(typed([["n", 10_000], ["n", 500, held], ...Array(30).fill(["n", 33, held])]), "");
});

test("what is typed later, or another letter, is text", () => {
  const inField = { target: field };
  assert.equal(
    typed([
      ["r", 10_000],
      ["r", 700, inField],
    ]),
    "r",
  );
  assert.equal(
    typed([
      ["r", 10_000],
      ["o", 50, inField],
      ["r", 50, inField],
    ]),
    "or",
  );
});

test("the same key is hurried for a moment", () => {
  now += 10_000;
  take(press("r", "KeyR"));
  now += 200;
  assert.equal(isHurried(press("r", "KeyR")), true);
  assert.equal(isHurried(press("к", "KeyR")), true, "on whatever layout");
  assert.equal(isHurried(press("c", "KeyC")), false);
  now += 600;
  assert.equal(isHurried(press("r", "KeyR")), false);
});
