"""Mail by SMTP with a deadline for the whole of it; Django knows one for each line alone."""

import smtplib
import socket
import time
from typing import Any

from django.core.mail.backends import smtp

from config.deadline import CutOff

# Of one connection. Longer than for strangers: it is the site's own server, which may look for
# viruses before it says yes.
TOTAL_S = 20.0


class _CutOffInTime(smtplib.SMTP):
    _cut_off: CutOff | None = None

    # Any: the address that smtplib hands over.
    def _get_socket(self, host: Any, port: Any, timeout: Any) -> socket.socket:
        began = time.monotonic()
        connection: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # Private.
        self._cut_off = CutOff(connection, TOTAL_S - (time.monotonic() - began))
        return connection

    def close(self) -> None:
        if self._cut_off:
            self._cut_off.cancel()
        super().close()


class _CutOffInTimeByTls(smtplib.SMTP_SSL, _CutOffInTime):
    """TLS from the first byte on, which is cut off in time, too."""


class EmailBackend(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _CutOffInTimeByTls if self.use_ssl else _CutOffInTime
