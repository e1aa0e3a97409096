"""Whose powers as staff a log-in has: those of a session whose log-in passed a second factor.

Pages, the API, the staff's site and sockets all ask here. The account alone says too little: a
session of a password can add a factor afterwards, and an API token is kept in files of programs
for months, so no token ever has powers of staff.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from accounts.models import User

# What may stand alone. Recovery codes only stand in for one of these.
STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True)
class FactorProof:
    """Which second factors of `user` a log-in passed: keys of `Authenticator`, at least one."""

    user: int
    factors: frozenset[int]


def proof_of(user: User, session: SessionBase) -> FactorProof | None:
    """Return what the log-in of a session passed, None for a password alone.

    A factor that was asked for later, to confirm a change, does not count: whoever borrowed the
    session may have added it.
    """
    request = HttpRequest()
    request.session = session
    passed = frozenset(
        record["id"]
        for record in get_authentication_records(request, user)
        if record.get("method") == "mfa" and not record.get("reauthenticated") and "id" in record
    )
    return FactorProof(user.pk, passed) if passed else None


def holding(proofs: Iterable[FactorProof]) -> set[FactorProof]:
    """Return those whose factor is still the account's, beside an app or a passkey. One query."""
    proofs = set(proofs)
    owners = {proof.user for proof in proofs}
    if not owners:
        return set()
    rows = Authenticator.objects.filter(user__in=owners).values_list("user_id", "pk", "type")
    factors = {(user, pk) for user, pk, _type in rows}
    protected = {user for user, _pk, kind in rows if kind in STRONG}
    return {
        proof
        for proof in proofs
        if proof.user in protected
        and any((proof.user, factor) in factors for factor in proof.factors)
    }


def may_act_as_staff(user: User, session: SessionBase) -> bool:
    """True if a request of this session acts with the powers of staff."""
    if user.is_away or not user.is_staff:
        return False
    proof = proof_of(user, session)
    return proof is not None and bool(holding([proof]))


def has_strong_factor(user: User) -> bool:
    """True if the next log-in of this account will be asked for a second factor."""
    found: bool = Authenticator.objects.filter(user=user, type__in=STRONG).exists()
    return found
