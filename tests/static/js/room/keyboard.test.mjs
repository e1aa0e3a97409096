import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

globalThis.Element = class {
  closest() {
    return null;
  }
};
const { onKey } = await import("../../../../static/js/room/keyboard.js");

let done;
let now = 0;
let view;

beforeEach(() => {
  done = [];
  now += 10_000;
  view = {
    sheets: { isOpen: false },
    areReactionsOpen: false,
    react: (place) => done.push(`react ${place}`),
    closeTop: () => false,
  };
  for (const name of [
    ...["toggleMicrophone", "toggleCamera", "ask", "toggleCaptions", "togglePeople"],
    ...["toggleReactions", "share", "openKeys", "leave"],
  ])
    view[name] = () => done.push(name);
});

function press(key, code, more = {}) {
  const event = { key, code, timeStamp: now, target: new Element(), ...more };
  event.preventDefault = () => (event.defaultPrevented = true);
  onKey(event, view);
  return event;
}

for (const [key, code, wanted, shiftKey = false] of [
  ["m", "KeyM", "toggleMicrophone"],
  ["ь", "KeyM", "toggleMicrophone"],
  ["м", "KeyV", "toggleCamera"],
  ["к", "KeyR", "ask"],
  ["с", "KeyC", "toggleCaptions"],
  ["з", "KeyP", "togglePeople"],
  ["у", "KeyE", "toggleReactions"],
  ["ы", "KeyS", "share"],
  ["Д", "KeyL", "leave", true],
  ["l", "KeyL", "leave", true], // Caps Lock and Shift.
  ["?", "Digit7", "openKeys", true],
]) {
  test(`it does ${wanted} for ${key} at ${code}`, () => {
    assert.equal(press(key, code, { shiftKey }).defaultPrevented, true);
    assert.deepEqual(done, [wanted]);
  });
}

for (const [what, key, code, more] of [
  ["a comma at the place of M", ",", "KeyM", {}],
  ["a letter with Shift", "M", "KeyM", { shiftKey: true }],
  ["a held key", "m", "KeyM", { repeat: true }],
  ["a composition", "m", "KeyM", { isComposing: true }],
  ["a name that every object has", "constructor", "", {}],
]) {
  test(`it does nothing for ${what}`, () => {
    assert.notEqual(press(key, code, more).defaultPrevented, true);
    assert.deepEqual(done, []);
  });
}

test("it leaves what comes after G to the shell, on any layout", () => {
  press("п", "KeyG");
  press("ь", "KeyM");
  assert.deepEqual(done, []);
  press("ь", "KeyM");
  assert.deepEqual(done, ["toggleMicrophone"]);
});

test("R three times is one request", () => {
  for (let n = 0; n < 3; n += 1) {
    press("r", "KeyR");
    now += 150;
  }
  assert.deepEqual(done, ["ask"]);
  now += 1_000;
  press("r", "KeyR");
  assert.deepEqual(done, ["ask", "ask"]);
});

test("M three times is three times", () => {
  for (let n = 0; n < 3; n += 1) {
    press("m", "KeyM");
    now += 150;
  }
  assert.equal(done.length, 3);
});

test("a digit chooses a reaction, by its place on AZERTY", () => {
  view.areReactionsOpen = true;
  press("é", "Digit2");
  press("3", "Digit3");
  assert.deepEqual(done, ["react 1", "react 2"]);
});
