"""What the newest policy says, and for how long it may be believed (DESIGN §4.5)."""

from msgspec.structs import replace

from media_relay.forwarding.media_kind import MediaKind
from media_relay.protocol.relay import Policy


class Authority:
    """Who may send what in one Space.

    Empty until the first policy, and when the web has been silent for a lease.
    """

    def __init__(self, space: str, max_publishers: int) -> None:
        self.allowed: dict[str, frozenset[MediaKind]] = {}
        self.policy = Policy(space, -1)
        self._max_publishers = max_publishers
        self._heard_ms = 0
        self._has_lapsed = True

    def apply(self, policy: Policy, now_ms: int) -> bool:
        """Take a policy and return whether it changes anything.

        An older one than we have says nothing; the same one renews the lease.
        """
        if policy.space != self.policy.space or policy.rev < self.policy.rev:
            return False
        # After a lapse the same policy is news again.
        changes = policy.rev > self.policy.rev or self._has_lapsed
        self._heard_ms = now_ms
        self._has_lapsed = False
        if not changes:
            return False
        # A policy with more publishers than a stage holds is cut; those who are there stay.
        users = sorted(policy.publishers, key=lambda user: user not in self.allowed)
        kept = users[: self._max_publishers]
        self.policy = replace(policy, publishers={user: policy.publishers[user] for user in kept})
        self.allowed = {}
        for user in kept:
            sources = policy.publishers[user]
            may = {
                MediaKind.MICROPHONE: sources.microphone,
                MediaKind.CAMERA: sources.camera,
                MediaKind.SCREEN: sources.screen,
            }
            self.allowed[user] = frozenset(kind for kind, is_allowed in may.items() if is_allowed)
        return True

    def lapse(self, now_ms: int) -> bool:
        """Return whether the lease has just run out: nobody may send until a policy comes."""
        if self._has_lapsed or now_ms - self._heard_ms <= Policy.LEASE_S * 1000:
            return False
        self._has_lapsed = True
        self.allowed = {}
        # The `rev` stays: an older policy that comes late still says nothing.
        self.policy = Policy(self.policy.space, self.policy.rev)
        return True
