"""Files as they come in by forms."""

from django.core.files import uploadhandler

# Of a name, from its end: the file on disk is named after it, and four bytes a character must fit
# into the 255 of a name there.
NAME_CHARS = 50


class TemporaryFileUploadHandler(uploadhandler.TemporaryFileUploadHandler):
    """Large files go to disk, whatever the sender calls them."""

    # Any: Django's own signature.
    def new_file(self, field_name: str, file_name: str, *args: object, **kwargs: object) -> None:
        super().new_file(field_name, file_name[-NAME_CHARS:], *args, **kwargs)  # type: ignore[arg-type]
