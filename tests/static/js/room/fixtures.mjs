/** Messages as a server would send them; each test changes only what it is about. */

export const person = (id, name = `Person ${id}`) => ({
  id,
  handle: `p${id}`,
  name,
  avatar: `/a/${id}.svg`,
  url: `/@p${id}/`,
});

export const seat = (id, fields = {}) => ({
  user: person(id),
  role: "speaker",
  mic: false,
  camera: false,
  screen: false,
  interrupted: [],
  muted_by: null,
  presence: "here",
  order: id,
  ...fields,
});

export const request = (id, place, reason = "") => ({
  user: person(id),
  reason,
  place,
  relation: "",
});

export const nobody = { audio: [null, null, null], video: null, screen: null, active: null };

export const space = (fields = {}) => ({
  id: "abc",
  title: "River",
  url: "/spaces/abc/",
  state: "live",
  host: person(1),
  acting_host: null,
  host_lost_until: null,
  topics: [],
  language: "en",
  speak_rule: "invited",
  requests_open: true,
  video: true,
  visitors_allowed: true,
  mics_locked: false,
  locked: false,
  recording: false,
  spotlight: null,
  scheduled_for: null,
  started_at: "2026-11-20T12:00:00Z",
  ended_at: null,
  limits: {
    stage_seats: 13,
    cohosts: 2,
    space_title_chars: 70,
    request_reason_chars: 140,
    consent_s: 30,
    replay_kept_s: 30 * 86_400,
  },
  ...fields,
});

export const me = (fields = {}) => ({
  user: person(9),
  role: "listener",
  request: null,
  may_request_at: null,
  invitation: null,
  consent: null,
  unmute: null,
  can: ["react"],
  ...fields,
});

export const snapshot = (fields = {}) => ({
  type: "space.snapshot",
  rev: 5,
  space: space(),
  me: me(),
  stage: [seat(1, { role: "host", order: 0 })],
  requests: [],
  listeners: { count: 2, sample: [person(9)] },
  assigned: nobody,
  pins: [],
  captions: { available: false, status: "off", reason: "" },
  recording_trouble: "",
  ...fields,
});
