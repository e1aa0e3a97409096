"""A user as moderators see them."""

from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class ModeratedUser(User):
    """The same row without what makes a user powerful: rights, address, password, log-ins.

    A model of its own, because Django's admin has one page and one set of permissions a model:
    this one is for moderators, that of `User` for superusers alone.
    """

    class Meta:
        proxy = True
        default_permissions = ()
        permissions = [("moderate", _("Can moderate people"))]
        verbose_name = _("person")
        verbose_name_plural = _("people to moderate")
