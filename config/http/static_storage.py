"""Static files in production: compressed, and named by content, also in imports of our modules."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


# whitenoise has no types.
class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    # Django would rewrite every script's imports; packages ship some that name modules which they
    # do not ship.
    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]),
    )
