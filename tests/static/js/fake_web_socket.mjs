/**
 * Stands in for `WebSocket`: the test holds the other end. `FakeWebSocket.install()` before each
 * test.
 */
export class FakeWebSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  static all = [];

  static install() {
    globalThis.WebSocket = FakeWebSocket;
    FakeWebSocket.all = [];
  }

  /** The newest one. */
  static get last() {
    return FakeWebSocket.all.at(-1);
  }

  constructor(url) {
    this.url = url;
    this.readyState = 0;
    this.sent = [];
    FakeWebSocket.all.push(this);
  }

  open() {
    this.readyState = 1;
    this.onopen();
  }

  hear(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close(code = 1005) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code });
  }
}
