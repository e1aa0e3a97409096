/**
 * What this browser alone knows of its room: where it is, how it goes, who looks at it.
 *
 * @import {MediaLink} from "./peer.js"
 * @import {ServerMessage} from "./messages.js"
 */

/**
 * @typedef {object} PageState
 * @property {"idle"|"opening"|"open"|"lost"} link the socket
 * @property {number} closedWith close code when the server shut the door, else 0
 * @property {boolean} isListening the person has pressed "Start listening"
 * @property {MediaLink} media
 * @property {string} mediaCode why the media failed
 * @property {boolean} isBlocked the browser wants a click before it plays
 * @property {boolean} isSilent all sound off in this browser
 * @property {boolean} isAudioOnly no pictures wanted
 * @property {Set<number>} mutedForMe
 * @property {number|null} pinned whose face this viewer keeps in the main frame
 * @property {Set<string>} busy what is being asked of the server or a device just now
 * @property {boolean} isTalkingMuted
 */

/**
 * @typedef {object} RoomListener
 * @property {() => void} onChange room state, page state or devices changed
 * @property {(message: ServerMessage) => void} onEvent reactions and the like: shown once, kept nowhere
 * @property {(heard: Set<number>, own: number) => void} onLevels who is heard now; own loudness 0–1
 * @property {(text: string, kind: "info"|"error", cause: string) => void} onToast
 * @property {(cause: string) => void} onSolved what a notice of this cause was about works now
 */

/**
 * @typedef {{id: string, url: string, socketUrl: string, blocked: Set<number>}} RoomAddress
 *   `blocked`: whom this person blocked
 */

/**
 * @param {Set<number>} blocked people the viewer has blocked are muted from the start
 * @returns {PageState}
 */
export function initialPageState(blocked) {
  return {
    link: "idle",
    closedWith: 0,
    isListening: false,
    media: "idle",
    mediaCode: "",
    isBlocked: false,
    isSilent: false,
    isAudioOnly: false,
    mutedForMe: new Set(blocked),
    pinned: null,
    busy: new Set(),
    isTalkingMuted: false,
  };
}
