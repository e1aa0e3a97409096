// Written by `python -m config.dev.wire` from spaces/protocol.py and spaces/rooms/{commands,messages,shapes}.py.

export type Phase = "scheduled" | "green" | "live" | "ended" | "cancelled";

export interface Person {
  id: number;
  handle: string;
  name: string;
  avatar: string;
  url: string;
}

export type SpeakRule = "everyone" | "followed" | "invited";

/** Limits of this site that the page shows or holds (`config/limits.py`); `_s` is seconds. */
export interface Limits {
  stage_seats: number;
  cohosts: number;
  space_title_chars: number;
  request_reason_chars: number;
  consent_s: number;
  replay_kept_s: number;
}

export interface Space {
  id: string;
  title: string;
  url: string;
  state: Phase;
  host: Person;
  acting_host: number | null;
  host_lost_until: string | null;
  topics: string[];
  language: string;
  speak_rule: SpeakRule;
  requests_open: boolean;
  video: boolean;
  visitors_allowed: boolean;
  mics_locked: boolean;
  locked: boolean;
  recording: boolean;
  recording_wanted: boolean;
  spotlight: number | null;
  scheduled_for: string | null;
  started_at: string | null;
  ended_at: string | null;
  limits: Limits;
}

export type Role = "host" | "cohost" | "speaker" | "listener" | "moderator" | "visitor";

export interface OwnRequest {
  place: number;
  reason: string;
}

/** Role `host` asks a speaker to take over. */
export interface Invitation {
  role: "host" | "cohost" | "speaker";
  by: Person;
  expires_at: string;
}

/** A word on being recorded: given, or an open question until `expires_at`. */
export interface Consent {
  given: boolean;
  expires_at: string | null;
}

/** Somebody asks the viewer to un-mute. After `expires_at` no page begins to show it. */
export interface UnmuteQuestion {
  by: Person;
  expires_at: string;
}

export type Privilege =
  | "publish"
  | "speakers"
  | "move_down"
  | "remove"
  | "unban"
  | "mute"
  | "unmute_others"
  | "cohosts"
  | "pin"
  | "unpin"
  | "edit"
  | "record"
  | "delete_replay"
  | "spotlight"
  | "end"
  | "start"
  | "hand_over"
  | "react";

/**
 * The viewer. `can` are the rows of RULES §4 that this role may do to a participant (a co-host
 * still not to the host, a speaker unpins only their own).
 */
export interface Me {
  user: Person | null;
  role: Role;
  request: OwnRequest | null;
  may_request_at: string | null;
  invitation: Invitation | null;
  consent: Consent | null;
  unmute: UnmuteQuestion | null;
  can: Privilege[];
}

export type Source = "mic" | "camera" | "screen";

export type Presence = "here" | "weak" | "lost";

/**
 * `interrupted` is what is on but taken by the person's system for now: there is silence, no
 * picture, or one that stands still.
 */
export interface Seat {
  user: Person;
  role: "host" | "cohost" | "speaker";
  mic: boolean;
  camera: boolean;
  screen: boolean;
  interrupted: Source[];
  muted_by: number | null;
  presence: Presence;
  order: number;
}

/** For host and co-hosts alone. `place` in the queue begins at 1; `relation` is to the host. */
export interface SpeakRequest {
  user: Person;
  reason: string;
  place: number;
  relation: "" | "follows_you" | "mutual" | "you_follow";
}

/** `count` includes visitors without an account, who have no face in `sample`. */
export interface Listeners {
  count: number;
  sample: Person[];
}

/** Whom each slot carries; `active` is the active speaker. */
export interface Assigned {
  audio: (number | null)[];
  video: number | null;
  screen: number | null;
  active: number | null;
}

export interface PinnedPost {
  id: number;
  url: string;
  author: Person;
  text: string;
}

export interface Pin {
  id: number;
  post: PinnedPost;
  by: number;
}

/** `reason` says why there are none: `starting`, `language`, `no_engine`, `no_egress`. */
export interface Captions {
  available: boolean;
  status: "behind" | "off" | "ok" | "unavailable";
  reason: string;
}

export type ErrorCode =
  | "bad_message"
  | "too_large"
  | "rate_limited"
  | "not_allowed"
  | "not_available"
  | "not_live"
  | "ended"
  | "stage_full"
  | "cohosts_full"
  | "already_on_stage"
  | "not_on_stage"
  | "already_requested"
  | "no_request"
  | "requests_closed"
  | "too_soon"
  | "no_invitation"
  | "expired"
  | "not_here"
  | "mics_locked"
  | "video_off"
  | "protected_account"
  | "already_live"
  | "already_started"
  | "too_early"
  | "bad_title"
  | "bad_topics"
  | "bad_language"
  | "bad_time"
  | "bad_zone"
  | "consent_needed"
  | "not_asked"
  | "not_ready"
  | "bad_text"
  | "bad_emoji"
  | "bad_post"
  | "too_many"
  | "log_in"
  | "hand_over_first"
  | "no_relay"
  | "failed"
  | "unavailable"
  | "media_failed";

/** A participant in the list of listeners. `relation` is to the viewer. */
export interface ListedPerson {
  user: Person;
  relation: "" | "follows_you" | "mutual" | "you_follow";
  role: Role;
}

export interface BannedPerson {
  user: Person;
  by: Person | null;
  at: string;
}

export interface LeftPerson {
  user: Person;
}

/** The mids of an offer: what the browser receives, and where it sends its own tracks. */
export interface SlotMids {
  audio: string[];
  video: string;
  screen: string;
  microphone: string;
  camera: string;
  display: string;
}

export interface IceServer {
  urls: string[];
  username: string;
  credential: string;
}

export type EndReason = "host" | "host_lost" | "moderators" | "too_long" | "cancelled";

export type PathQuality = "good" | "poor" | "audio_only";

/**
 * First message on every socket; answer to `snapshot.get`; without `ref` also when a change was
 * lost on its way. `requests` is empty unless host or co-host. `now_ms` is the server's clock.
 * `recording_trouble` is the reason of `recording.failed` while that holds, else "".
 */
export interface SnapshotMessage {
  type: "space.snapshot";
  now_ms: number;
  rev: number;
  space: Space;
  me: Me;
  stage: Seat[];
  requests: SpeakRequest[];
  listeners: Listeners;
  assigned: Assigned;
  pins: Pin[];
  captions: Captions;
  recording_trouble: string;
  ref?: string;
}

/** The one who asked. `state` is what became of `speak.request`. */
export interface OkMessage {
  type: "ok";
  state?: "requested" | "seated";
  ref?: string;
}

/** The one socket. Decide by `code`; `message` is a sentence in the language of the viewer. */
export interface ErrorMessage {
  type: "error";
  code: ErrorCode;
  message: string;
  ref?: string;
}

/** The one who pings: newest `rev`, messages `sent` to it before this, the clock `now_ms`. */
export interface PongMessage {
  type: "pong";
  n: number;
  rev: number;
  now_ms: number;
  sent: number;
  ref?: string;
}

/** The one who asked. `next` null: that was the last page. */
export interface PeopleMessage {
  type: "people";
  people: ListedPerson[];
  next: number | null;
  ref?: string;
}

/** The one who asked: who was removed, the newest 200. */
export interface BansMessage {
  type: "bans";
  people: BannedPerson[];
  ref?: string;
}

/** The one who asked: who came last and is gone, to be removed all the same. */
export interface LeftMessage {
  type: "left";
  people: LeftPerson[];
  ref?: string;
}

/** The one who asked. `ice_servers` are TURN, mostly none. */
export interface MediaOfferMessage {
  type: "media.offer";
  peer: string;
  sdp: string;
  slots: SlotMids;
  ice_servers: IceServer[];
  assigned: Assigned;
  ref?: string;
}

/** Those who may not see the change. */
export interface RevMessage {
  type: "rev";
  rev: number;
}

/** All, when anything of `space` changes that the events below do not carry. */
export interface SpaceChangedMessage {
  type: "space.changed";
  rev: number;
  space: Space;
}

/** All, then close 4410. Moderators stay unnamed. */
export interface SpaceEndedMessage {
  type: "space.ended";
  rev: number;
  by: Person | null;
  reason: EndReason | null;
  listened: number;
  spoke: number;
}

/** All. Also when staff took the host off the stage: then `stage` has no seat `host`. */
export interface HostChangedMessage {
  type: "host.changed";
  rev: number;
  host: Person;
  acting_host: number | null;
}

/** All. `until` null: the host is back. */
export interface HostLostMessage {
  type: "host.lost";
  rev: number;
  until: string | null;
}

/** All: a new seat or a changed one, found by `seat.user.id`. */
export interface SeatChangedMessage {
  type: "seat.changed";
  rev: number;
  seat: Seat;
}

/** All. */
export interface SeatRemovedMessage {
  type: "seat.removed";
  rev: number;
  user: number;
}

/** All who may see the post. */
export interface PinAddedMessage {
  type: "pin.added";
  rev: number;
  pin: Pin;
}

/** All. `pin` is its id. */
export interface PinRemovedMessage {
  type: "pin.removed";
  rev: number;
  pin: number;
}

/** All, each with the pins they may see: one was edited, or can no more or again be seen. */
export interface PinsChangedMessage {
  type: "pins.changed";
  rev: number;
  pins: Pin[];
}

/** All who may know of them: another name, handle, picture, or staff or no more. */
export interface PersonChangedMessage {
  type: "person.changed";
  rev: number;
  person: Person;
}

/** Host, co-hosts. */
export interface RequestAddedMessage {
  type: "request.added";
  rev: number;
  request: SpeakRequest;
}

/** Host, co-hosts. The places of those behind it move up by one. */
export interface RequestRemovedMessage {
  type: "request.removed";
  rev: number;
  user: number;
}

/**
 * A participant who has become host or co-host (the whole queue) or is it no more (none); all who
 * lead when the host changes.
 */
export interface RequestsChangedMessage {
  type: "requests.changed";
  rev: number;
  requests: SpeakRequest[];
}

/**
 * All, ≤ 1 per s, above 100 listeners every 3 s, above 1 000 every 5 s. `sample` left out: the same
 * faces as before.
 */
export interface ListenersChangedMessage {
  type: "listeners.changed";
  count: number;
  sample?: Person[];
}

/**
 * All, batched: who, emoji, how often. At most 50 named people in a message, null counts the
 * others.
 */
export interface ReactionsMessage {
  type: "reactions";
  items: [number | null, string, number][];
}

/** The one person. */
export interface MeChangedMessage {
  type: "me.changed";
  rev: number;
  me: Me;
}

/** The one person. */
export interface InvitationReceivedMessage {
  type: "invitation.received";
  role: "host" | "cohost" | "speaker";
  by: Person;
  expires_at: string;
}

/** The speaker asked to take over. */
export interface HostOfferedMessage {
  type: "host.offered";
  by: Person;
  expires_at: string;
}

/** The one person; as in `me.changed`. */
export interface UnmuteAskedMessage {
  type: "unmute.asked";
  by: Person;
}

/** Who is on stage when REC begins, or comes to host while it runs; as in `me.changed`. */
export interface ConsentNeededMessage {
  type: "consent.needed";
  expires_at: string;
}

/** The person removed, blocked or suspended, then close 4403. */
export interface RemovedMessage {
  type: "removed";
}

/** The older tab, then close 4408. */
export interface ReplacedMessage {
  type: "replaced";
}

/** The one socket. */
export interface MediaConnectedMessage {
  type: "media.connected";
  peer: string;
}

/**
 * The one socket. Ask for `media.connect` again (also after `relay_lost`: the media server died),
 * unless the reason is `removed`, `replaced` or `ended`.
 */
export interface MediaClosedMessage {
  type: "media.closed";
  peer: string;
  reason: string;
}

/**
 * The one socket, at each change: `level` of what arrives here, `sending` of what this person
 * sends. A new connection begins with both good.
 */
export interface MediaHealthMessage {
  type: "media.health";
  level: PathQuality;
  sending: "good" | "poor";
}

/** All. `personal` ones say what this connection's slots carry, and win while it lasts. */
export interface SpeakerChangedMessage {
  type: "speaker.changed";
  assigned: Assigned;
  personal: boolean;
}

/**
 * Who shows captions. A line grows until it is `final`, and all of it has one `id`; a final one
 * without text takes it back. `start_ms` is wall clock. Of people on stage alone.
 */
export interface CaptionMessage {
  type: "caption";
  id: string;
  participant: number;
  name: string;
  text: string;
  final: boolean;
  start_ms: number;
}

/** Who sent `captions.set`, with the last lines. */
export interface CaptionsMessage {
  type: "captions";
  available: boolean;
  status: "behind" | "off" | "ok" | "unavailable";
  reason: string;
  lines: CaptionMessage[];
  ref?: string;
}

/** All, when it changes. While unavailable nothing is shown as live. */
export interface CaptionsStatusMessage {
  type: "captions.status";
  available: boolean;
  status: "behind" | "off" | "ok" | "unavailable";
  reason: string;
}

/** All: nothing is recorded for now. `disk_full`, `disk_error` or `no_egress`. */
export interface RecordingFailedMessage {
  type: "recording.failed";
  reason: string;
}

/** All. What `recording.failed` said is over. */
export interface RecordingResumedMessage {
  type: "recording.resumed";
}

export type ServerMessage =
  | SnapshotMessage
  | OkMessage
  | ErrorMessage
  | PongMessage
  | PeopleMessage
  | BansMessage
  | LeftMessage
  | MediaOfferMessage
  | RevMessage
  | SpaceChangedMessage
  | SpaceEndedMessage
  | HostChangedMessage
  | HostLostMessage
  | SeatChangedMessage
  | SeatRemovedMessage
  | PinAddedMessage
  | PinRemovedMessage
  | PinsChangedMessage
  | PersonChangedMessage
  | RequestAddedMessage
  | RequestRemovedMessage
  | RequestsChangedMessage
  | ListenersChangedMessage
  | ReactionsMessage
  | MeChangedMessage
  | InvitationReceivedMessage
  | HostOfferedMessage
  | UnmuteAskedMessage
  | ConsentNeededMessage
  | RemovedMessage
  | ReplacedMessage
  | MediaConnectedMessage
  | MediaClosedMessage
  | MediaHealthMessage
  | SpeakerChangedMessage
  | CaptionMessage
  | CaptionsMessage
  | CaptionsStatusMessage
  | RecordingFailedMessage
  | RecordingResumedMessage;

/**
 * All, every 5 s; it is the presence. `seen` is the `n` of the last `pong`: what is not said to be
 * seen counts as unread, and 512 KiB unread are the end (4413). Answer: `pong`.
 */
export interface Ping {
  type: "ping";
  seen?: number;
}

/** All, ≤ 4 a second. Answer: `space.snapshot`. */
export interface GetSnapshot {
  type: "snapshot.get";
}

/** All. Answer: `people`, listeners by page; ask again with `after` as its `next`. */
export interface GetPeople {
  type: "people.get";
  after?: number;
}

/** Host, staff. Answer: `bans`. */
export interface GetBans {
  type: "bans.get";
}

/** Host, co-host, staff. Answer: `left`. */
export interface GetLeft {
  type: "left.get";
}

/**
 * All while `live`; stage in the green room. Answer: `media.offer`. The connection before goes on
 * until this one is `media.connected`.
 */
export interface ConnectMedia {
  type: "media.connect";
}

/** Who got the offer. */
export interface AnswerMedia {
  type: "media.answer";
  peer: string;
  sdp: string;
}

/** All. Off: the relay pauses pictures (audio only, hidden page). */
export interface PauseVideo {
  type: "media.video";
  on: boolean;
}

/** All. This viewer sees `user` whoever speaks; null follows the room again. */
export interface PinPerson {
  type: "media.pin";
  user: number | null;
}

/** All. `on`: this page shows captions. Answer: `captions`. */
export interface ReadCaptions {
  type: "captions.set";
  on: boolean;
}

/** All with an account. */
export interface SendReaction {
  type: "reaction.send";
  emoji: string;
}

/** Host, co-host. */
export interface ApproveRequest {
  type: "speak.approve";
  user: number;
}

/** Host, co-host. */
export interface DeclineRequest {
  type: "speak.decline";
  user: number;
}

/** Host, co-host; to the co-host's place the host alone. */
export interface Invite {
  type: "invite.send";
  user: number;
  role: "speaker" | "cohost";
}

/** RULES §4. */
export interface MoveDown {
  type: "seat.move_down";
  user: number;
}

/** RULES §4. */
export interface MuteSeat {
  type: "seat.mute";
  user: number;
}

/** RULES §4. */
export interface AskToUnmute {
  type: "seat.ask_unmute";
  user: number;
}

/** RULES §4. */
export interface TurnCameraOff {
  type: "seat.camera_off";
  user: number;
}

/** RULES §4. */
export interface Remove {
  type: "room.remove";
  user: number;
}

/** Host, staff. */
export interface Unban {
  type: "room.unban";
  user: number;
}

/** Host. A co-host takes over at once, a speaker is asked. */
export interface HandOver {
  type: "host.hand_over";
  user: number;
}

/** Host. They stay as speaker; listener if all speakers' seats are taken. */
export interface RemoveCohost {
  type: "cohost.remove";
  user: number;
}

/** Stage, for oneself. */
export interface SetMicrophone {
  type: "mic.set";
  on: boolean;
}

/** Stage, for oneself. */
export interface SetCamera {
  type: "camera.set";
  on: boolean;
}

/** Stage, for oneself. There is one shared screen: the last to share takes over. */
export interface SetScreen {
  type: "screen.set";
  on: boolean;
}

/** Stage, for oneself. All that their system has taken of what is on; empty: all is back. */
export interface ReportInterruptions {
  type: "seat.interrupted";
  sources: Source[];
}

/**
 * Listener. `consent` is a yes to being recorded, needed while the room is. The answer is `ok` with
 * `state`: on a full stage one waits also where the rule would seat at once, and goes up when a
 * seat is free.
 */
export interface RequestToSpeak {
  type: "speak.request";
  reason?: string;
  consent?: boolean;
}

/** Listener in the queue. */
export interface CancelRequest {
  type: "speak.cancel";
}

/** Co-host, speaker. */
export interface LeaveSeat {
  type: "seat.leave";
}

/** All but the host of a live room (`hand_over_first`). After `ok` the socket closes (1000). */
export interface LeaveRoom {
  type: "room.leave";
}

/** Who is invited. `consent` is a yes to being recorded, needed while the room is. */
export interface AcceptInvitation {
  type: "invite.accept";
  consent?: boolean;
}

/** Who is invited. */
export interface DeclineInvitation {
  type: "invite.decline";
}

/** The speaker who was asked. */
export interface AcceptHost {
  type: "host.accept";
}

/** The speaker who was asked. */
export interface DeclineHost {
  type: "host.decline";
}

/** Who was asked (`me.consent`). */
export interface GiveConsent {
  type: "consent.give";
}

/**
 * Who was asked. A no, also after a yes, makes a listener of them; a host's no stops the recording.
 */
export interface DeclineConsent {
  type: "consent.decline";
}

/** Host, co-host, staff. */
export interface MuteAll {
  type: "room.mute_all";
}

/** Host, co-host, staff. */
export interface LockMicrophones {
  type: "room.lock_mics";
  on: boolean;
}

/** Host, staff. What is left out stays as it is. */
export interface UpdateRoom {
  type: "room.update";
  title?: string;
  speak_rule?: SpeakRule;
  requests_open?: boolean;
  video?: boolean;
  locked?: boolean;
}

/** Host, co-host. */
export interface SetSpotlight {
  type: "spotlight.set";
  user: number | null;
}

/** RULES §4. `url` is that of a post. */
export interface AddPin {
  type: "pin.add";
  url: string;
}

/** RULES §4. */
export interface RemovePin {
  type: "pin.remove";
  pin: number;
}

/** Host. Before the start it sets the wish to record. */
export interface StartRecording {
  type: "recording.start";
}

/** Host. */
export interface StopRecording {
  type: "recording.stop";
}

/** Host. */
export interface StartSpace {
  type: "space.start";
}

/** Host, acting host, staff. */
export interface EndSpace {
  type: "space.end";
}

export type ClientRequest =
  | Ping
  | GetSnapshot
  | GetPeople
  | GetBans
  | GetLeft
  | ConnectMedia
  | AnswerMedia
  | PauseVideo
  | PinPerson
  | ReadCaptions
  | SendReaction
  | ApproveRequest
  | DeclineRequest
  | Invite
  | MoveDown
  | MuteSeat
  | AskToUnmute
  | TurnCameraOff
  | Remove
  | Unban
  | HandOver
  | RemoveCohost
  | SetMicrophone
  | SetCamera
  | SetScreen
  | ReportInterruptions
  | RequestToSpeak
  | CancelRequest
  | LeaveSeat
  | LeaveRoom
  | AcceptInvitation
  | DeclineInvitation
  | AcceptHost
  | DeclineHost
  | GiveConsent
  | DeclineConsent
  | MuteAll
  | LockMicrophones
  | UpdateRoom
  | SetSpotlight
  | AddPin
  | RemovePin
  | StartRecording
  | StopRecording
  | StartSpace
  | EndSpace;

export type ClientMessage = ClientRequest & { ref?: string };
