"""A client in small: what PROTOCOL.md tells it to do with each event.

Says nothing by itself, so it is the judge.
"""

import copy
import json
from typing import Any

Json = dict[str, Any]  # Any: what came over the wire.
RANK = {"host": 0, "cohost": 1, "speaker": 2}


class Gap(Exception):
    """The client would ask for a snapshot here."""


def fold(snapshot: Json, texts: list[str]) -> Json:
    """Return the snapshot after these messages. Raises Gap if `rev` jumps."""
    state = copy.deepcopy(snapshot)
    for text in texts:
        apply(state, json.loads(text))
    return state


def apply(state: Json, message: Json) -> None:
    rev = message.get("rev")
    if rev is not None:
        if rev > state["rev"] + 1:
            raise Gap(f"{state['rev']} -> {rev}")
        if rev < state["rev"]:
            return
        state["rev"] = rev
    handler = HANDLERS.get(message["type"])
    if handler:
        handler(state, message)


def _seat_changed(state: Json, message: Json) -> None:
    seat = message["seat"]
    others = [old for old in state["stage"] if old["user"]["id"] != seat["user"]["id"]]
    state["stage"] = sorted([*others, seat], key=lambda each: (RANK[each["role"]], each["order"]))


def _seat_removed(state: Json, message: Json) -> None:
    state["stage"] = [seat for seat in state["stage"] if seat["user"]["id"] != message["user"]]


def _request_added(state: Json, message: Json) -> None:
    request = message["request"]
    others = [old for old in state["requests"] if old["user"]["id"] != request["user"]["id"]]
    state["requests"] = sorted([*others, request], key=lambda each: each["place"])


def _request_removed(state: Json, message: Json) -> None:
    gone = next((r for r in state["requests"] if r["user"]["id"] == message["user"]), None)
    if gone is None:
        return
    state["requests"].remove(gone)
    for request in state["requests"]:
        if request["place"] > gone["place"]:
            request["place"] -= 1


def _host_changed(state: Json, message: Json) -> None:
    state["space"]["host"], state["space"]["acting_host"] = message["host"], message["acting_host"]


def _pin_added(state: Json, message: Json) -> None:
    pin = message["pin"]
    state["pins"] = [*(old for old in state["pins"] if old["id"] != pin["id"]), pin]


def _pin_removed(state: Json, message: Json) -> None:
    state["pins"] = [pin for pin in state["pins"] if pin["id"] != message["pin"]]


def _space_changed(state: Json, message: Json) -> None:
    state["space"] = message["space"]
    if not message["space"]["recording"]:
        state["recording_trouble"] = ""


def _me_changed(state: Json, message: Json) -> None:
    state["me"] = message["me"]


def _requests_changed(state: Json, message: Json) -> None:
    state["requests"] = message["requests"]


def _host_lost(state: Json, message: Json) -> None:
    state["space"]["host_lost_until"] = message["until"]


def _pins_changed(state: Json, message: Json) -> None:
    state["pins"] = message["pins"]


def _person_changed(state: Json, message: Json) -> None:
    """Put the person in place of every one with the same id, however deep."""
    person = message["person"]

    def known(value: Any) -> Any:  # Any: JSON.
        if isinstance(value, dict):
            if "handle" in value and value.get("id") == person["id"]:
                return dict(person)
            return {name: known(each) for name, each in value.items()}
        return [known(each) for each in value] if isinstance(value, list) else value

    state.update(known(state))


def _listeners_changed(state: Json, message: Json) -> None:
    state["listeners"] = {
        "count": message["count"],
        "sample": message.get("sample", state["listeners"]["sample"]),
    }


def _speaker_changed(state: Json, message: Json) -> None:
    # What one connection's own slots carry is no part of the snapshot.
    if not message["personal"]:
        state["assigned"] = message["assigned"]


def _captions_status(state: Json, message: Json) -> None:
    state["captions"] = {name: message[name] for name in ("available", "status", "reason")}


def _recording_failed(state: Json, message: Json) -> None:
    state["recording_trouble"] = message["reason"]


def _recording_resumed(state: Json, message: Json) -> None:
    state["recording_trouble"] = ""


HANDLERS = {
    "seat.changed": _seat_changed,
    "seat.removed": _seat_removed,
    "request.added": _request_added,
    "request.removed": _request_removed,
    "requests.changed": _requests_changed,
    "host.changed": _host_changed,
    "host.lost": _host_lost,
    "pin.added": _pin_added,
    "pin.removed": _pin_removed,
    "pins.changed": _pins_changed,
    "person.changed": _person_changed,
    "space.changed": _space_changed,
    "me.changed": _me_changed,
    "listeners.changed": _listeners_changed,
    "speaker.changed": _speaker_changed,
    "captions.status": _captions_status,
    "recording.failed": _recording_failed,
    "recording.resumed": _recording_resumed,
}
