import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { fill, firstName, gettext, ngettext, ordinal } from "../../../static/js/i18n.js";

afterEach(() => {
  delete globalThis.gettext;
  delete globalThis.ngettext;
});

test("it returns English as written without a catalogue", () => {
  assert.equal(gettext("Leave"), "Leave");
  assert.equal(ngettext("one", "many", 2), "many");
});

test("it asks the page's catalogue where there is one", () => {
  globalThis.gettext = (text) => (text === "Leave" ? "Keluar" : text);
  assert.equal(gettext("Leave"), "Keluar");
});

test("it fills names in and leaves what it does not know", () => {
  assert.equal(
    fill("%(name)s of %(count)s %(other)s", { name: "Maya", count: 3 }),
    "Maya of 3 %(other)s",
  );
});

test("it does not fill in what a value says", () => {
  assert.equal(fill("%(name)s", { name: "%(name)s" }), "%(name)s");
});

test("it counts places as English does", () => {
  assert.deepEqual([1, 2, 3, 4, 11, 12, 13, 21, 22, 112].map(ordinal), [
    "1st",
    "2nd",
    "3rd",
    "4th",
    "11th",
    "12th",
    "13th",
    "21st",
    "22nd",
    "112th",
  ]);
});

test("it takes the first name, also of one that is only spaces", () => {
  assert.deepEqual(["Maya Okafor", "noor", " "].map(firstName), ["Maya", "noor", " "]);
});
