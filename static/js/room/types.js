/**
 * The shapes of spaces/PROTOCOL.md, for the type checker. Nothing runs here.
 *
 * @typedef {{id: number, handle: string, name: string, avatar: string, url: string}} Person
 * @typedef {"host"|"cohost"|"speaker"} StageRole
 * @typedef {StageRole|"listener"|"moderator"|"visitor"} Role
 * @typedef {{user: Person, role: StageRole, mic: boolean, camera: boolean, screen: boolean, muted_by: number|null,
 *   presence: "here"|"weak"|"lost", order: number}} Seat
 * @typedef {{user: Person, reason: string, place: number, relation: string}} SpeakRequest
 * @typedef {{id: number, post: {id: number, url: string, author: Person, text: string}, by: number}} Pin
 * @typedef {{id: number|string, title: string, url: string, state: "scheduled"|"green"|"live"|"ended"|"cancelled", host: Person,
 *   acting_host: number|null, host_lost_until: string|null, topics: string[], language: string,
 *   speak_rule: "everyone"|"followed"|"invited", requests_open: boolean, video: boolean, mics_locked: boolean,
 *   locked: boolean, recording: boolean, recording_wanted?: boolean, spotlight: number|null, scheduled_for: string|null,
 *   started_at: string|null, ended_at: string|null}} Space
 * @typedef {{role: StageRole, by: Person, expires_at: string}} Invitation role host: take over
 * @typedef {{user: Person|null, role: Role, request: {place: number, reason: string}|null, may_request_at: string|null,
 *   invitation: Invitation|null, consent?: {given: boolean, expires_at: string|null}|null, can: string[]}} Me
 * @typedef {{audio: (number|null)[], video: number|null, screen: number|null, active: number|null}} Assigned
 * @typedef {{audio: string[], video: string, screen: string, microphone: string, camera: string, display: string}} Slots
 * @typedef {{participant: number, name?: string, id?: string, text: string, final: boolean, start_ms: number, past?: boolean}} Caption
 * @typedef {{by: Person|null, reason: string, listened: number, spoke: number}} Ending
 * @typedef {{count: number, sample: Person[]}} Listeners
 *
 * @typedef {{type: string, rev?: number, ref?: string} & Record<string, any>} Message
 *   any: the wire; `reduce` reads only the fields of its own table.
 */
export {};
