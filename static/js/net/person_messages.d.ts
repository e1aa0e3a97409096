// Written by `python -m config.dev.wire` from accounts/realtime/messages.py.

/** At the beginning, and when the number has changed; many changes in 0.2 s are one. */
export interface UnreadAlerts {
  type: "alerts";
  unread: number;
}

/** As `alerts`. */
export interface UnreadMessages {
  type: "messages";
  unread: number;
}

/** A message has come, or (`gone`) was taken back. */
export interface MessageHint {
  type: "message";
  conversation: number;
  id: number;
  gone?: boolean;
}

/** A person has read up to this message. */
export interface ReadHint {
  type: "read";
  conversation: number;
  user: number;
  up_to: number;
}

/** A person is writing; it holds for 6 s. */
export interface TypingHint {
  type: "typing";
  conversation: number;
  user: number;
  name: string;
}

/** A group has another name or other people. */
export interface ConversationHint {
  type: "conversation";
  conversation: number;
}

/** A person whom the user follows has posted. */
export interface PostsHint {
  type: "posts";
  post: number;
}

/**
 * How many messages this socket was sent before this one, two seconds after the first that was not
 * counted yet. A page that has got fewer opens the socket anew.
 */
export interface SentCount {
  type: "sent";
  count: number;
}

/** Answer to `ping`, with the server's clock. */
export interface PersonPong {
  type: "pong";
  n: number;
  now_ms: number;
}

/** What the page sent was not taken. */
export interface PersonError {
  type: "error";
  code: "bad_message" | "rate_limited" | "unknown_type";
}

export type ServerMessage =
  | UnreadAlerts
  | UnreadMessages
  | MessageHint
  | ReadHint
  | TypingHint
  | ConversationHint
  | PostsHint
  | SentCount
  | PersonPong
  | PersonError;

/** `seen` is the `n` of the last `pong`. 20 messages a second in all; 4096 characters. */
export interface PagePing {
  type: "ping";
  seen?: number;
}

/** This page's person is writing. 60 a minute. */
export interface SayTyping {
  type: "typing";
  conversation: number;
}

export type ClientMessage = PagePing | SayTyping;
