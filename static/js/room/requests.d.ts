// How a request over the room's socket and its answer belong together. Nothing runs here.

import type {
  BansMessage,
  CaptionsMessage,
  ClientRequest,
  LeftMessage,
  MediaOfferMessage,
  OkMessage,
  PeopleMessage,
  SnapshotMessage,
} from "./messages.js";

export type RequestType = ClientRequest["type"];

export type FieldsOf<T extends RequestType> = Omit<Extract<ClientRequest, { type: T }>, "type">;

/** The requests that are answered by more than `ok`. */
interface Answers {
  "snapshot.get": SnapshotMessage;
  "people.get": PeopleMessage;
  "bans.get": BansMessage;
  "left.get": LeftMessage;
  "media.connect": MediaOfferMessage;
  "captions.set": CaptionsMessage;
}

export type AnswerTo<T extends RequestType> = T extends keyof Answers ? Answers[T] : OkMessage;

/** Rejects with RoomError. */
export type Call = <T extends RequestType>(type: T, fields?: FieldsOf<T>) => Promise<AnswerTo<T>>;
