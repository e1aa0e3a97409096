"""What people log in with: a handle, with or without its "@", or an e-mail address."""

from allauth.account.utils import filter_users_by_email, filter_users_by_username


def cleaned(name: str) -> str:
    return name.strip().removeprefix("@")


def counted_as(name: str) -> str:
    """Return by what guesses at a password are counted: the account that `name` means.

    The handle in any case, padded, and each of the addresses are one account. A name that means
    nobody is counted too: who is refused must not learn that there is no such account.
    """
    name = cleaned(name).lower()
    if not name:
        return "name:"
    users = filter_users_by_email(name) if "@" in name else filter_users_by_username(name)
    ids = sorted(user.pk for user in users)
    return f"user:{ids[0]}" if ids else f"name:{name}"
