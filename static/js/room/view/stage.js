/**
 * The main frame: the picture of the active speaker, a large avatar where there is no camera, a shared
 * screen, the own preview.
 *
 * @import {Room} from "../room.js"
 * @import {RoomState} from "../state.js"
 * @import {Seat} from "../messages.js"
 */

import { mainPicture, poorlySent, mySeat, sends, sharedScreen } from "../selectors.js";
import { fill, gettext } from "../../i18n.js";
import { h, icon, levelBars, part, set, write } from "../../dom.js";

// So long the picture before stays while the next one's key frame is on its way.
const PENDING_MS = 800;

/**
 * A picture that never makes a sound: sound has its own elements.
 *
 * @param {string} kind
 * @param {string} slot
 */
function screen(kind, slot) {
  const video = h("video", {
    class: kind,
    autoplay: true,
    playsinline: true,
    "data-slot": slot,
    hidden: true,
  });
  video.muted = true;
  video.disablePictureInPicture = slot === "self" || slot === "blur";
  return video;
}

export class Stage {
  /** Who the frame shows; stays in silence. @type {number|null} */ shown = null;
  #isPicture = false;
  #pendingSince = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ #pendingTimer;

  /** @param {HTMLElement} root @param {Room} room */
  constructor(root, room) {
    this.room = room;
    this.section = part(root, "stage");
    this.frame = part(root, "main-picture");
    this.blur = screen("stage__blur", "blur");
    this.picture = screen("stage__picture", "video");
    this.screen = screen("stage__screen", "screen");
    // What the server drew stays until the room is known.
    const drawn = this.frame.querySelector(".avatar__img");
    this.face = h("img", { class: "avatar__img", alt: "", src: drawn?.getAttribute("src") });
    this.avatar = h("span", { class: "avatar" }, this.face);
    this.voice = h("div", { class: "stage__voice" }, this.avatar);
    this.signs = h("div", { class: "stage__signs" });
    this.bars = levelBars();
    this.muted = icon("mic-off", "xs");
    this.nameText = h(
      "span",
      { class: "stage__who", dir: "auto" },
      this.frame.querySelector(".stage__name")?.textContent ?? "",
    );
    this.bars.hidden = true;
    this.muted.toggleAttribute("hidden", true);
    this.name = h("figcaption", { class: "stage__name" }, this.bars, this.muted, this.nameText);
    this.selfVideo = screen("", "self");
    this.selfVideo.hidden = false;
    this.turn = h(
      "button",
      {
        class: "stage__turn",
        type: "button",
        "data-room": "switch-camera",
        hidden: true,
        "aria-label": gettext("Switch camera"),
        onclick: () => room.publisher.switchCamera(),
      },
      icon("switch-camera", "sm"),
    );
    this.self = h(
      "div",
      { class: "stage__self", "data-room": "self", hidden: true },
      this.selfVideo,
      h("span", { class: "sign" }, gettext("You")),
      this.turn,
    );
    this.tap = h(
      "button",
      {
        class: "stage__tap",
        type: "button",
        "data-room": "tap-to-hear",
        hidden: true,
        onclick: () => room.remoteAudio.resume(),
      },
      icon("volume-2", "lg"),
      gettext("Tap to hear"),
    );
    this.paused = h(
      "p",
      { class: "stage__paused", "data-room": "screen-paused", role: "status", hidden: true },
      icon("pause", "lg"),
      h("span", {}),
    );
    // Who cannot see the button must not wait for a sound in vain.
    this.held = h("p", { class: "vh", role: "status", "data-room": "sound-held" });
    this.join = this.frame.querySelector('[data-room="join"]');
    this.frame.replaceChildren(
      this.blur,
      this.picture,
      this.voice,
      this.screen,
      this.paused,
      this.signs,
      this.name,
      this.self,
      this.tap,
      this.held,
    );
    if (this.join) this.frame.append(this.join);
    this.picture.addEventListener("resize", () => this.#onShape());
  }

  /** @param {RoomState} state */
  render(state) {
    const { pageState, streams } = this.room;
    const { tracks } = this.room.publisher;
    if (pageState.isListening) this.join?.remove(); // Its watch on the Space ends with it.
    const main = mainPicture(state, {
      pinned: pageState.pinned,
      last: this.shown,
      blocked: this.room.address.blocked,
    });
    if (main.seat && !this.#mustWait(state, main.isPicturePending))
      this.#show(main.seat, main.isPicture && streams !== null);
    play(this.picture, streams?.video ?? null);
    play(this.blur, this.#isPortrait() ? (streams?.video ?? null) : null);
    const sharing = sharedScreen(state, this.room.address.blocked);
    play(this.screen, sharing ? (streams?.screen ?? null) : null);
    set(this.frame, "data-screen", sharing?.user.id ?? null);
    this.paused.hidden = !sharing || sends(sharing, "screen");
    write(
      /** @type {Element} */ (this.paused.lastElementChild),
      this.paused.hidden ? "" : gettext("The shared screen is paused"),
    );
    this.#showSelf(tracks.camera, mySeat(state));
    this.tap.hidden = !(pageState.isBlocked && pageState.media === "connected");
    write(
      this.held,
      this.tap.hidden ? "" : gettext("Your browser holds the sound back. Tap to hear it."),
    );
    this.#showSigns(state, sharing);
  }

  /** @param {(user: number) => boolean} isHeard */
  setHeard(isHeard) {
    const speaks = this.shown !== null && isHeard(this.shown);
    this.avatar.classList.toggle("avatar--speaking", speaks);
    this.bars.hidden = !speaks;
  }

  /**
   * The picture before stays for a moment when the next face has a camera but its first frame is
   * not here yet.
   *
   * @param {RoomState} state
   * @param {boolean} isPending
   */
  #mustWait(state, isPending) {
    clearTimeout(this.#pendingTimer);
    const isStillThere =
      this.#isPicture &&
      state.stage.some((seat) => seat.user.id === this.shown && sends(seat, "camera"));
    if (!isPending || !isStillThere) {
      this.#pendingSince = 0;
      return false;
    }
    this.#pendingSince ||= performance.now();
    const left = this.#pendingSince + PENDING_MS - performance.now();
    if (left > 0)
      this.#pendingTimer = setTimeout(() => this.room.state && this.render(this.room.state), left);
    return left > 0;
  }

  /** @param {Seat} seat @param {boolean} isPicture */
  #show(seat, isPicture) {
    const isMe = seat.user.id === this.room.state?.me.user?.id;
    this.shown = seat.user.id;
    this.#isPicture = isPicture;
    set(this.frame, "data-user", seat.user.id);
    set(this.frame, "data-picture", isPicture);
    set(this.frame, "data-blocked", this.room.address.blocked.has(seat.user.id));
    this.picture.hidden = !isPicture;
    this.voice.hidden = isPicture;
    set(this.face, "src", seat.user.avatar);
    write(this.nameText, isMe ? gettext("You") : seat.user.name);
    this.muted.toggleAttribute("hidden", sends(seat, "mic"));
    set(this.picture, "aria-label", fill(gettext("%(name)s on camera"), { name: seat.user.name }));
    this.#onShape();
  }

  #isPortrait() {
    return this.#isPicture && this.picture.videoHeight > this.picture.videoWidth;
  }

  #onShape() {
    const isPortrait = this.#isPortrait();
    this.section.classList.toggle("stage--portrait", isPortrait);
    this.blur.hidden = !isPortrait;
    if (isPortrait) play(this.blur, this.room.streams?.video ?? null);
  }

  /** @param {MediaStreamTrack|null} camera @param {Seat|undefined} seat */
  #showSelf(camera, seat) {
    const isOn = Boolean(camera && seat && this.room.state?.space.state === "live");
    this.self.hidden = !isOn;
    this.turn.hidden = !this.room.publisher.tracks.canSwitchCamera;
    set(this.self, "data-facing", this.room.publisher.tracks.facing);
    showTrack(this.selfVideo, isOn ? camera : null);
  }

  /** @param {RoomState} state @param {Seat|undefined} sharing */
  #showSigns(state, sharing) {
    const { pageState } = this.room;
    /** @type {HTMLElement[]} */
    const signs = [];
    const add = (/** @type {string} */ name, /** @type {string} */ text) =>
      signs.push(
        h("span", { class: "sign" }, icon(name, "xs"), h("span", { class: "sign__text" }, text)),
      );
    if (sharing)
      add("screen-share", fill(gettext("%(name)s shares a screen"), { name: sharing.user.name }));
    if (this.room.publisher.isInterrupted("screen"))
      add("pause", gettext("What you share is paused"));
    if (pageState.media === "connected" && (state.health === "poor" || poorlySent(state)))
      add("signal-medium", gettext("Weak connection"));
    if (pageState.isAudioOnly || (pageState.media === "connected" && state.health === "audio_only"))
      add("headphones", gettext("Audio only"));
    if (pageState.pinned !== null && pageState.pinned === this.shown)
      add("pin", gettext("Pinned by you"));
    else if (state.space.spotlight !== null && state.space.spotlight === this.shown)
      add("star", gettext("Spotlight"));
    if (state.space.recording && state.recordingTrouble)
      signs.push(h("span", { class: "sign sign--rec-paused" }, gettext("REC paused")));
    else if (state.space.recording)
      signs.push(h("span", { class: "sign sign--rec" }, gettext("REC")));
    const text = signs.map((sign) => sign.textContent).join("|");
    if (this.signs.dataset.text === text) return;
    this.signs.dataset.text = text;
    this.signs.replaceChildren(...signs);
  }
}

/** @param {HTMLVideoElement} video @param {MediaStream|null} stream */
export function play(video, stream) {
  if (video.dataset.slot === "screen") video.hidden = stream === null;
  if (video.srcObject === stream) return;
  video.srcObject = stream;
  // Muted pictures may always start; a refusal means a newer stream has come, which starts by
  // itself.
  if (stream) video.play().catch(() => null);
}

/** @param {HTMLVideoElement} video @param {MediaStreamTrack|null} track */
export function showTrack(video, track) {
  const now = video.srcObject instanceof MediaStream ? video.srcObject.getVideoTracks()[0] : null;
  if (now === (track ?? undefined) || (!now && !track)) return;
  play(video, track ? new MediaStream([track]) : null);
}
