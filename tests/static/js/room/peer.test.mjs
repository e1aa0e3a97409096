import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { LONG_TARGET_MS } from "../../../../static/js/room/jitter_buffer.js";
import { Peer, withAudioNack } from "../../../../static/js/room/peer.js";

const SLOTS = {
  audio: ["0", "1", "2"],
  video: "3",
  screen: "4",
  microphone: "5",
  camera: "6",
  display: "7",
};

/** A connection without a network: the test says when it is through, broken or failed. */
class Connection {
  static all = [];

  constructor(configuration) {
    this.configuration = configuration;
    this.connectionState = "new";
    this.signalingState = "stable";
    this.hasSound = true;
    this.transceivers = ["0", "1", "2", "3", "4", "5", "6", "7"].map((mid) => ({
      mid,
      direction: "recvonly",
      receiver: {
        track: { id: `track-${mid}` },
        getSynchronizationSources: () => (this.hasSound && mid === "1" ? [{ source: 9 }] : []),
      },
      sender: {
        track: null,
        async replaceTrack(track) {
          this.track = track;
        },
        getParameters: () => ({ encodings: [{}] }),
        async setParameters(parameters) {
          this.parameters = parameters;
        },
      },
    }));
    Connection.all.push(this);
  }

  async setRemoteDescription(offer) {
    if (offer.sdp === "bad") throw new DOMException("no", "OperationError");
  }

  getTransceivers() {
    return this.transceivers;
  }

  async createAnswer() {
    return { type: "answer", sdp: this.transceivers.map((one) => one.direction).join(" ") };
  }

  async setLocalDescription(answer) {
    this.localDescription = answer;
  }

  async getStats() {
    return new Map();
  }

  become(state) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  close() {
    this.connectionState = "closed";
    this.signalingState = "closed";
  }

  sends(mid) {
    return this.transceivers.find((one) => one.mid === mid).sender.track;
  }
}

let peer;
let calls;
let links;
let streams;
let offers;
const TURN = [{ urls: ["turns:turn.example:443?transport=tcp"], username: "9:1", credential: "c" }];
const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};
const last = () => Connection.all.at(-1);
const connect = async () => {
  peer.connect();
  await settle();
  last().become("connected");
  await settle();
};

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.RTCPeerConnection = Connection;
  globalThis.MediaStream = class {
    constructor(tracks) {
      this.tracks = tracks;
    }
  };
  Connection.all = [];
  [calls, links, streams, offers] = [[], [], [], 0];
  peer = new Peer(
    async (type, fields) => {
      calls.push([type, fields]);
      if (type === "media.connect")
        return {
          type: "media.offer",
          peer: `p${(offers += 1)}`,
          sdp: "v=0",
          slots: SLOTS,
          ice_servers: TURN,
        };
      return { type: "ok" };
    },
    {
      onLink: (link, code) => links.push(code ? `${link} ${code}` : link),
      onStreams: (now) => streams.push(now),
    },
  );
});

afterEach(() => {
  peer.close();
  mock.timers.reset();
});

test("it answers what it may send with sendonly and the rest with recvonly", async () => {
  peer.connect();
  await settle();
  const [, answer] = calls.find(([type]) => type === "media.answer");
  assert.deepEqual(answer, {
    peer: "p1",
    sdp: "recvonly recvonly recvonly recvonly recvonly sendonly sendonly sendonly",
  });
});

test("it takes the TURN servers that come with the offer", async () => {
  await connect();
  assert.deepEqual(last().configuration, { bundlePolicy: "max-bundle", iceServers: TURN });
});

test("it gives out the streams of the slots once it is connected", async () => {
  await connect();
  assert.deepEqual(
    streams[0].audio.map((stream) => stream.tracks[0].id),
    ["track-0", "track-1", "track-2"],
  );
  assert.equal(streams[0].video.tracks[0].id, "track-3");
  assert.deepEqual(links, ["connecting", "connected"]);
});

test("it asks once however often it is told to connect meanwhile", async () => {
  peer.connect();
  peer.connect();
  await settle();
  assert.equal(offers, 1);
});

test("it sends a track without any new offer, and stops sending it", async () => {
  await connect();
  const microphone = { kind: "audio" };
  await peer.send("microphone", microphone);
  assert.equal(last().sends("5"), microphone);
  await peer.send("microphone", null);
  assert.equal(last().sends("5"), null);
  assert.equal(offers, 1);
});

test("it bounds what a camera may take of the line", async () => {
  await connect();
  await peer.send("camera", { kind: "video" });
  assert.equal(last().transceivers[6].sender.parameters.encodings[0].maxBitrate, 1_500_000);
});

test("it is connected and sends the microphone although the browser refuses the camera", async () => {
  await peer.send("microphone", { kind: "audio" });
  await peer.send("camera", { kind: "video" });
  peer.connect();
  await settle();
  last().transceivers[6].sender.setParameters = async () => {
    throw new DOMException("no", "InvalidStateError");
  };
  last().become("connected");
  await settle();
  assert.deepEqual(links, ["connecting", "connected"]);
  assert.equal(last().sends("5").kind, "audio");
});

test("it keeps the local track over a new connection", async () => {
  await connect();
  const microphone = { kind: "audio" };
  await peer.send("microphone", microphone);
  await connect();
  assert.equal(last().sends("5"), microphone);
});

test("it plays on until the new connection is through, then closes the old one", async () => {
  await connect();
  const old = last();
  peer.connect();
  await settle();
  assert.equal(old.connectionState, "connected");
  assert.equal(peer.pc, old);
  last().become("connected");
  await settle();
  assert.equal(old.connectionState, "closed");
  assert.equal(links.includes("failed"), false);
});

const connectSilently = async () => {
  peer.connect();
  await settle();
  last().hasSound = false;
  last().become("connected");
  await settle();
};

test("what is heard goes over when the new connection has sound", async () => {
  await connect();
  const old = last();
  const microphone = { kind: "audio" };
  await peer.send("microphone", microphone);
  await connectSilently();
  assert.equal(last().sends("5"), microphone, "Nobody waits for this one's voice.");
  assert.equal(streams.length, 1);
  assert.equal(old.connectionState, "connected");
  last().hasSound = true;
  mock.timers.tick(20);
  await settle();
  assert.equal(streams.length, 2);
  assert.equal(old.connectionState, "closed");
});

test("it waits for sound only for a moment: nobody may be speaking", async () => {
  await connect();
  const old = last();
  await connectSilently();
  for (let look = 0; look < 25; look += 1) {
    mock.timers.tick(20);
    await settle();
  }
  assert.equal(streams.length, 2);
  assert.equal(old.connectionState, "closed");
});

test("it waits for no sound where nothing plays any more", async () => {
  await connect();
  last().become("failed");
  await settle();
  last().hasSound = false;
  last().become("connected");
  await settle();
  assert.equal(streams.length, 2);
});

test("it gives out nothing and closes both when it is closed while it waits for sound", async () => {
  await connect();
  const old = last();
  await connectSilently();
  peer.close();
  mock.timers.tick(20);
  await settle();
  assert.equal(streams.length, 1);
  assert.equal(old.connectionState, "closed");
  assert.equal(last().connectionState, "closed");
  assert.equal(links.at(-1), "idle");
});

test("it makes a new connection when the present one fails", async () => {
  await connect();
  last().become("failed");
  await settle();
  assert.equal(offers, 2);
});

test("it waits a moment before it gives up a connection that hiccups", async () => {
  await connect();
  last().become("disconnected");
  mock.timers.tick(1_000);
  last().become("connected");
  mock.timers.tick(5_000);
  await settle();
  assert.equal(offers, 1);
  last().become("disconnected");
  mock.timers.tick(2_500);
  await settle();
  assert.equal(offers, 2);
});

test("it tries again when a connection does not come about in time", async () => {
  peer.connect();
  await settle();
  mock.timers.tick(8_000);
  assert.equal(links.at(-1), "failed media_failed");
  mock.timers.tick(300);
  await settle();
  assert.equal(offers, 2);
});

test("it says why and tries again, slower each time, while no relay is free", async () => {
  peer.call = async () => {
    offers += 1;
    throw Object.assign(new Error("full"), { code: "no_relay" });
  };
  peer.connect();
  await settle();
  assert.equal(links.at(-1), "failed no_relay");
  for (const wait of [300, 500, 700, 1_000, 2_000, 4_000, 4_000]) {
    mock.timers.tick(wait);
    await settle();
  }
  assert.equal(offers, 8);
});

test("it waits for the next snapshot when the socket is lost", async () => {
  peer.call = async () => {
    offers += 1;
    throw Object.assign(new Error("lost"), { code: "lost" });
  };
  peer.connect();
  await settle();
  mock.timers.tick(60_000);
  await settle();
  assert.equal(offers, 1);
});

test("it comes back when the server closes its connection, and not for an older one", async () => {
  await connect();
  peer.onClosed("p0");
  await settle();
  assert.equal(offers, 1);
  peer.onClosed("p1");
  await settle();
  assert.equal(offers, 2);
});

test("it survives an offer that the browser refuses", async () => {
  peer.call = async (type) =>
    type === "media.connect" ? { peer: "p", sdp: "bad", slots: SLOTS } : { type: "ok" };
  peer.connect();
  await settle();
  assert.equal(links.at(-1), "failed media_failed");
  assert.equal(last().connectionState, "closed");
});

test("it plays later on a bad path, and as the browser likes on a good one", async () => {
  await connect();
  const [voice, picture] = ["0", "3"].map(
    (mid) => last().transceivers.find((one) => one.mid === mid).receiver,
  );
  for (const receiver of [voice, picture]) receiver.jitterBufferTarget = null;
  peer.onHealth("poor");
  assert.deepEqual(
    [voice, picture].map((one) => one.jitterBufferTarget),
    [LONG_TARGET_MS, LONG_TARGET_MS],
    "Lips and voice wait alike.",
  );
  peer.onHealth("good");
  assert.equal(voice.jitterBufferTarget, null);
});

test("it sees by itself that the sound has holes, and plays later", async () => {
  await connect();
  const [voice] = last().transceivers.map((one) => one.receiver);
  voice.jitterBufferTarget = null;
  let samples = 0;
  last().getStats = async () =>
    new Map([
      [
        "a",
        {
          type: "inbound-rtp",
          totalSamplesReceived: (samples += 96_000),
          concealedSamples: samples / 20,
        },
      ],
    ]);
  for (let look = 0; look < 3; look += 1) {
    mock.timers.tick(2_000);
    await settle();
  }
  assert.equal(voice.jitterBufferTarget, LONG_TARGET_MS);
});

test("it does without a buffer target where the browser has none", async () => {
  await connect();
  peer.onHealth("poor");
  assert.equal("jitterBufferTarget" in last().transceivers[0].receiver, false);
});

test("it answers as the browser likes where that takes no word of others", async () => {
  const offered = { peer: "p", slots: SLOTS, sdp: "m=audio 9 X 111\r\na=rtcp-fb:111 nack\r\n" };
  const own = "m=audio 9 X 111\r\na=rtpmap:111 opus/48000/2\r\n";
  peer.call = async (type, fields) => {
    calls.push([type, fields]);
    return type === "media.connect" ? offered : { type: "ok" };
  };
  const { createAnswer, setLocalDescription } = Connection.prototype;
  Connection.prototype.createAnswer = async () => ({ type: "answer", sdp: own });
  Connection.prototype.setLocalDescription = async function take(answer) {
    if (answer.sdp !== own) throw new DOMException("changed", "InvalidModificationError");
    this.localDescription = answer;
  };
  peer.connect();
  await settle();
  Object.assign(Connection.prototype, { createAnswer, setLocalDescription });
  assert.equal(calls.find(([type]) => type === "media.answer")[1].sdp, own);
});

test("it asks for lost sound again where that was offered", () => {
  const offer = "m=audio 9 X 111\r\na=rtcp-fb:111 nack\r\n";
  const answer =
    "m=audio 9 X 111\r\na=rtpmap:111 opus/48000/2\r\nm=audio 9 X 111\r\na=rtpmap:111 opus/48000/2\r\nm=video 9 X 96\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\n";
  const wanted = answer.replaceAll("opus/48000/2\r\n", "opus/48000/2\r\na=rtcp-fb:111 nack\r\n");
  assert.equal(withAudioNack(offer, answer), wanted);
  assert.equal(
    withAudioNack(offer, wanted),
    wanted,
    "A browser that says so itself is left alone.",
  );
  assert.equal(
    withAudioNack("m=audio 9 X 111\r\nm=video 9 X 96\r\na=rtcp-fb:96 nack pli\r\n", answer),
    answer,
  );
});

test("it closes for good", async () => {
  await connect();
  peer.close();
  mock.timers.tick(60_000);
  await settle();
  assert.equal(last().connectionState, "closed");
  assert.equal(peer.pc, null);
  assert.equal(links.at(-1), "idle");
  assert.equal(offers, 1);
});
