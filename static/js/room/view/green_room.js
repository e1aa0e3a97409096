/**
 * The green room: alone, muted, unseen; a look at the camera, a word into the microphone, then
 * "Start your Space".
 *
 * @import {Room} from "../room.js"
 * @import {RoomState} from "../state.js"
 */

import { may, mySeat } from "../selectors.js";
import { fill, gettext } from "../../i18n.js";
import { h, icon, part, write } from "../../dom.js";
import { showTrack } from "./stage.js";

/** @param {string} label @param {string} hook @param {(isOn: boolean) => void} onSet */
function toggle(label, hook, onSet) {
  const input = h("input", {
    class: "switch",
    type: "checkbox",
    role: "switch",
    "aria-label": label,
    "data-room": hook,
    onchange: () => onSet(input.checked),
  });
  return input;
}

export class GreenRoom {
  #isAsking = 0;

  /** @param {HTMLElement} root @param {Room} room */
  constructor(root, room) {
    this.root = root;
    this.room = room;
    this.place = part(root, "green");
    this.preview = h("video", {
      autoplay: true,
      playsinline: true,
      "data-slot": "preview",
      hidden: true,
    });
    this.preview.muted = true;
    this.face = h("img", { class: "avatar__img", alt: "" });
    this.caption = h("span", { class: "stage__name" });
    this.mic = toggle(gettext("Allow mic access"), "allow-mic", (isOn) => this.#setMic(isOn));
    this.micHint = h("span", { class: "row__hint" });
    this.meter = h("meter", {
      class: "meter",
      min: 0,
      max: 100,
      "aria-label": gettext("Microphone level"),
      "data-room": "meter",
    });
    this.camera = toggle(gettext("Camera"), "allow-camera", (isOn) => this.#setCamera(isOn));
    this.cameraHint = h("span", { class: "row__hint" });
    this.turn = h(
      "button",
      {
        class: "btn btn--icon btn--quiet",
        type: "button",
        "data-room": "switch-camera",
        "aria-label": gettext("Switch camera"),
        onclick: () => room.publisher.switchCamera(),
      },
      icon("switch-camera"),
    );
    this.cameraLine = h(
      "div",
      { class: "green__line" },
      icon("video"),
      h(
        "span",
        { class: "row__text" },
        h("span", { class: "row__title" }, gettext("Camera")),
        this.cameraHint,
      ),
      this.turn,
      this.camera,
    );
    this.rule = h("hr", { class: "green__rule" });
    this.start = h(
      "button",
      {
        class: "btn btn--primary btn--lg btn--block",
        type: "button",
        "data-room": "start",
        onclick: () => room.ask("space.start"),
      },
      gettext("Start your Space"),
    );
    this.note = h("p", { class: "foot-note" });
    this.record = toggle(
      gettext("Record"),
      "allow-record",
      (isOn) => void this.room.ask(isOn ? "recording.start" : "recording.stop"),
    );
    this.recordLine = h(
      "div",
      { class: "green__line green__rec" },
      icon("circle-dot"),
      h(
        "span",
        { class: "row__text" },
        h("span", { class: "row__title" }, gettext("Record")),
        h(
          "span",
          { class: "row__hint" },
          gettext("REC is shown to all, and whoever comes on stage is asked"),
        ),
      ),
      this.record,
    );
    this.start.disabled = true; // Until the room answers, a press would be lost.
    this.#build();
  }

  #build() {
    const micLine = h(
      "div",
      {},
      h(
        "div",
        { class: "green__line" },
        icon("mic"),
        h(
          "span",
          { class: "row__text" },
          h("span", { class: "row__title" }, gettext("Allow mic access")),
          this.micHint,
        ),
        this.mic,
      ),
      this.meter,
    );
    this.place.replaceChildren(
      h(
        "section",
        { class: "green", "aria-label": gettext("Green room") },
        h(
          "div",
          { class: "green__preview" },
          this.preview,
          h("span", { class: "green__face" }, h("span", { class: "avatar avatar--xl" }, this.face)),
          this.caption,
        ),
        micLine,
        this.rule,
        this.cameraLine,
        this.recordLine,
        this.start,
        this.note,
      ),
    );
  }

  /** @param {RoomState} state */
  render(state) {
    const isGreen = state.space.state === "green" || state.space.state === "scheduled";
    this.place.hidden = !isGreen;
    this.root.classList.toggle("room--green", isGreen);
    this.root.classList.toggle("room--alone", isGreen && state.stage.length < 2);
    if (!isGreen) return showTrack(this.preview, null);
    const { pageState } = this.room;
    const { tracks } = this.room.publisher;
    this.#showSwitches();
    write(
      this.micHint,
      tracks.microphone
        ? gettext("Say something to see the level move")
        : gettext("Nobody hears you yet"),
    );
    this.rule.hidden = this.cameraLine.hidden = !state.space.video;
    write(
      this.cameraHint,
      tracks.camera
        ? tracks.camera.label || gettext("Camera on")
        : gettext("Look before others see you"),
    );
    this.turn.hidden = !(tracks.camera && tracks.canSwitchCamera);
    this.preview.hidden = !tracks.camera;
    this.preview.classList.toggle("is-facing-out", tracks.facing === "environment");
    showTrack(this.preview, tracks.camera);
    this.face.src = state.me.user?.avatar ?? state.space.host.avatar;
    write(
      this.caption,
      tracks.camera ? gettext("Only you can see this") : gettext("Nothing is public yet"),
    );
    this.#renderStart(state, pageState.busy.has("space.start:"));
  }

  /** @param {RoomState} state @param {boolean} isBusy */
  #renderStart(state, isBusy) {
    const isHost = may(state, "start");
    this.start.hidden = this.recordLine.hidden = !isHost;
    if (![...this.room.pageState.busy].some((what) => what.startsWith("recording.")))
      this.record.checked = Boolean(state.space.recording_wanted);
    write(
      this.start,
      state.space.recording_wanted ? gettext("Start and record") : gettext("Start your Space"),
    );
    this.start.disabled = isBusy || this.room.pageState.link !== "open";
    write(
      this.note,
      isHost && mySeat(state)
        ? gettext(
            "You start muted, with the camera off. Nobody hears you until you tap the microphone.",
          )
        : fill(
            gettext(
              "%(name)s has not started yet. You are on stage with them, nobody else hears you.",
            ),
            { name: state.space.host.name },
          ),
    );
  }

  /** @param {number} level 0–1 */
  setLevel(level) {
    if (!this.place.hidden) this.meter.value = Math.round(level * 100);
  }

  /** A switch that was just touched stays as touched until the browser has answered. */
  #showSwitches() {
    if (this.#isAsking) return;
    this.mic.checked = this.room.publisher.tracks.microphone !== null;
    this.camera.checked = this.room.publisher.tracks.camera !== null;
  }

  /** A check of the device alone; the seat stays muted. @param {boolean} isOn */
  async #setMic(isOn) {
    await this.#try("mic", async () =>
      isOn
        ? this.room.publisher.tracks.openMicrophone()
        : this.room.publisher.tracks.close("microphone"),
    );
  }

  /** @param {boolean} isOn */
  async #setCamera(isOn) {
    await this.#try("camera", async () =>
      isOn ? this.room.publisher.tracks.openCamera() : this.room.publisher.tracks.close("camera"),
    );
  }

  /** @param {"mic"|"camera"} cause @param {() => Promise<void>} work */
  async #try(cause, work) {
    this.#isAsking += 1;
    try {
      await work();
      this.room.solved(cause);
    } catch (error) {
      this.room.toast(error instanceof Error ? error.message : String(error), "error", cause);
    } finally {
      this.#isAsking -= 1;
      this.#showSwitches();
    }
  }
}
