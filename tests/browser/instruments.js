// Measures what a page really plays and shows. Loaded by the tests before the page's own scripts; changes nothing of
// what the page does: it only remembers the media elements, connections and sockets the page makes.
(() => {
  const elements = new Set();
  const connections = [];
  const sockets = [];
  const meters = new WeakMap(); // Track -> AnalyserNode. Not by id: a new connection's tracks have the same ids.
  let listening = null;

  const source = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "srcObject");
  Object.defineProperty(HTMLMediaElement.prototype, "srcObject", {
    ...source,
    set(stream) {
      elements.add(this);
      source.set.call(this, stream);
    },
  });

  const Connection = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Connection {
    constructor(...args) {
      super(...args);
      connections.push(this);
    }
  };

  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...args) {
      super(...args);
      this.heard = [];
      this.addEventListener("message", (event) => {
        this.heard.push({ ...JSON.parse(event.data), heard_at_ms: Date.now() });
        if (this.heard.length > 2000) this.heard.shift();
      });
      this.addEventListener("close", (event) => (this.closedWith = event.code));
      sockets.push(this);
    }
  };

  // Every microphone and camera the page has opened, so that one that was never released is found.
  const opened = [];
  let asked = 0;
  const devices = navigator.mediaDevices;
  if (devices) {
    for (const name of ["getUserMedia", "getDisplayMedia"]) {
      const real = devices[name].bind(devices);
      devices[name] = async (wish) => {
        asked += 1;
        const stream = await real(wish);
        opened.push(...stream.getTracks());
        return stream;
      };
    }
  }

  // How many screen locks the page holds.
  let awake = 0;
  if (navigator.wakeLock) {
    const request = navigator.wakeLock.request.bind(navigator.wakeLock);
    navigator.wakeLock.request = async (kind) => {
      const lock = await request(kind);
      awake += 1;
      lock.addEventListener("release", () => (awake -= 1));
      return lock;
    };
  }

  const isOpenTo = (element) => !element.paused && !element.muted && element.volume > 0;
  const liveTracks = (element, kind) =>
    (element.srcObject?.getTracks() ?? []).filter(
      (track) => track.kind === kind && track.readyState === "live",
    );

  function meterOf(track) {
    listening ??= new AudioContext();
    if (!meters.has(track)) {
      const meter = listening.createAnalyser();
      meter.fftSize = 8192;
      meter.smoothingTimeConstant = 0.3;
      listening.createMediaStreamSource(new MediaStream([track])).connect(meter);
      meters.set(track, meter);
    }
    return meters.get(track);
  }

  // The loudest frequency of one track right now: {hz, db}; {hz: 0} in silence.
  function peakOf(track) {
    const meter = meterOf(track);
    const spectrum = new Float32Array(meter.frequencyBinCount);
    meter.getFloatFrequencyData(spectrum);
    let best = 0;
    for (let bin = 8; bin < spectrum.length; bin += 1)
      if (spectrum[bin] > spectrum[best]) best = bin;
    const db = spectrum[best];
    return { hz: db > -60 ? (best * listening.sampleRate) / meter.fftSize : 0, db };
  }

  const playing = () => [...elements].filter((element) => isOpenTo(element));

  // What the person at this page hears this instant: the loudest frequency of each open media element, silence left out.
  function tones() {
    const found = [];
    for (const element of playing())
      for (const track of liveTracks(element, "audio")) {
        const { hz } = peakOf(track);
        if (hz) found.push(hz);
      }
    return found;
  }

  const look = (picture) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [32, 18];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(picture, 0, 0, 32, 18);
    return context.getImageData(0, 0, 32, 18).data;
  };

  // The colour that fills most of a picture ("red", "green", "blue", or "none" for grey, white and black), and the
  // middle of its white bar (0-31, -1 without one).
  function pictureOf(video) {
    if (!video || video.readyState < 2 || !video.videoWidth) return { colour: "none", bar: -1 };
    const data = look(video);
    const votes = { red: 0, green: 0, blue: 0, none: 0 };
    const white = [];
    for (let at = 0; at < data.length; at += 4) {
      const [r, g, b] = data.subarray(at, at + 3);
      const top = Math.max(r, g, b);
      const rest = r + g + b - top;
      if (r > 190 && g > 190 && b > 190) white.push((at / 4) % 32);
      if (top < 60 || top < rest * 0.9) votes.none += 1;
      else if (top === r) votes.red += 1;
      else if (top === g) votes.green += 1;
      else votes.blue += 1;
    }
    const colour = Object.entries(votes).sort((a, b) => b[1] - a[1])[0][0];
    const bar = white.length < 9 ? -1 : white.reduce((sum, x) => sum + x, 0) / white.length;
    return { colour, bar };
  }

  const isVisible = (video) => {
    const box = video.getBoundingClientRect();
    return (
      box.width > 1 &&
      box.height > 1 &&
      getComputedStyle(video).visibility !== "hidden" &&
      !video.closest("[hidden]")
    );
  };

  // The biggest picture on the page, as the eye finds it: the <video> with the largest visible box.
  function mainVideo() {
    const area = (video) =>
      video.getBoundingClientRect().width * video.getBoundingClientRect().height;
    return [...document.querySelectorAll("video")]
      .filter(isVisible)
      .sort((a, b) => area(b) - area(a))[0];
  }

  async function inbound(kind) {
    const rows = [];
    for (const connection of connections) {
      if (connection.connectionState === "closed") continue;
      for (const row of (await connection.getStats()).values())
        if (row.type === "inbound-rtp" && row.kind === kind) rows.push(row);
    }
    return rows;
  }

  async function packetsSent() {
    let sent = 0;
    for (const connection of connections)
      for (const row of (await connection.getStats()).values())
        if (row.type === "outbound-rtp") sent += row.packetsSent;
    return sent;
  }

  // The room socket: the newest open one. Tests send raw text through it, as a forger's page would.
  const rooms = () => sockets.filter((one) => one.url.includes("/ws/spaces/"));
  const socket = () =>
    rooms()
      .filter((one) => one.readyState === 1)
      .at(-1);

  // Sends one raw text and resolves with the next message that answers it: same `ref`, or any `error`.
  function say(text, ref) {
    const line = socket();
    return new Promise((resolve, reject) => {
      line.addEventListener("close", (event) =>
        reject(new Error(`The socket was closed with ${event.code}.`)),
      );
      const onMessage = (event) => {
        const message = JSON.parse(event.data);
        if (ref ? message.ref !== ref : message.type !== "error") return;
        line.removeEventListener("message", onMessage);
        resolve(message);
      };
      line.addEventListener("message", onMessage);
      line.send(text);
    });
  }

  const hears = (hz) => tones().some((tone) => Math.abs(tone - hz) < 12);

  const audio = () => [...elements].filter((element) => liveTracks(element, "audio").length > 0);

  // Watches for silence while the page changes: every 20 ms it looks at the last 170 ms of sound. Only what was seen
  // counts, from the first silent look of a row to the last: a page too busy to look is not a page without sound.
  function watchForGaps() {
    const mark = Symbol("this document");
    window.watchedDocument = mark;
    let longest = 0;
    let silentSince = null;
    const timer = setInterval(() => {
      const now = performance.now();
      silentSince = tones().length > 0 ? null : (silentSince ?? now);
      if (silentSince !== null) longest = Math.max(longest, now - silentSince);
    }, 20);
    const concealed = async () =>
      (await inbound("audio")).reduce((sum, row) => sum + (row.silentConcealedSamples ?? 0), 0);
    const before = concealed();
    window.gapsFound = async () => {
      clearInterval(timer);
      return {
        longest_gap_ms: longest,
        concealed_ms: ((await concealed()) - (await before)) / 48,
        connections: connections.length,
      };
    };
  }

  // Follows one tone from now on; returns for how many ms it has been away, and for how many it was heard after `since`
  // (ms of Date.now(), which all pages of one machine share).
  function follow(hz) {
    let heardAt = Date.now();
    setInterval(() => {
      if (hears(hz)) heardAt = Date.now();
    }, 20);
    window.followed = (since) => ({
      away_ms: Date.now() - heardAt,
      heard_ms: Math.max(0, heardAt - since),
    });
  }

  // Notes from now on when speech begins at the own microphone, in ms of Date.now(): sound after half a second without.
  function followOwnVoice() {
    const begun = [];
    let loudAt = -Infinity;
    setInterval(() => {
      const now = Date.now();
      if (
        !opened.some(
          (track) => track.kind === "audio" && track.readyState === "live" && peakOf(track).hz,
        )
      )
        return;
      if (now - loudAt > 500) begun.push(now);
      loudAt = now;
    }, 20);
    window.ownVoiceBegan = () => begun;
  }

  // Plays a tone of our own making into the connection, whatever the page thinks of it.
  async function smuggle(mid, hz) {
    const context = new AudioContext();
    const [tone, out] = [context.createOscillator(), context.createMediaStreamDestination()];
    tone.frequency.value = hz;
    tone.connect(out);
    tone.start();
    const line = connections.filter((one) => one.connectionState === "connected").at(-1);
    const { sender } = line.getTransceivers().find((one) => one.mid === mid);
    await sender.replaceTrack(out.stream.getAudioTracks()[0]);
    sender.replaceTrack = async () => {}; // The page would take it away again.
  }

  // What the system does to a device: takes the newest of a kind ("audio", "video"), gives it back, pulls it out.
  const newest = (kind) =>
    opened.filter((track) => track.kind === kind && track.readyState === "live").at(-1);

  function takeAway(kind, isTaken) {
    const track = newest(kind);
    Object.defineProperty(track, "muted", { value: isTaken, configurable: true });
    track.dispatchEvent(new Event(isTaken ? "mute" : "unmute"));
  }

  function unplug(kind) {
    const track = newest(kind);
    track.stop(); // This alone says nothing to the page.
    track.dispatchEvent(new Event("ended"));
  }

  window.instruments = {
    connections,
    takeAway,
    unplug,
    sockets,
    say,
    smuggle,
    watchForGaps,
    asked: () => asked,
    inUse: () => opened.filter((track) => track.readyState === "live").length,
    openConnections: () => connections.filter((one) => one.connectionState !== "closed").length,
    socket,
    tones,
    inbound,
    packetsSent,
    hears,
    follow,
    followOwnVoice,
    wakeMeters: () => listening?.resume(),
    hasPicture: () => (mainVideo()?.videoWidth ?? 0) > 0,
    mainPicture: () => pictureOf(mainVideo()),
    audio: () => audio().map((element) => ({ open: isOpenTo(element), at: element.currentTime })),
    heard: (type) =>
      rooms()
        .flatMap((one) => one.heard)
        .filter((message) => message.type === type),
    closedWith: () => rooms().map((one) => one.closedWith ?? 0),
    awake: () => awake,
  };
})();
