"""The log refuses changes in the database too, below every layer of ours."""

from django.db import migrations

SQLITE = """
CREATE TRIGGER spaces_audit_append_only BEFORE UPDATE ON spaces_auditentry
BEGIN SELECT RAISE(ABORT, 'The log is append-only.'); END
"""
POSTGRESQL = """
CREATE FUNCTION spaces_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'The log is append-only.'; END $$;
CREATE TRIGGER spaces_audit_append_only BEFORE UPDATE ON spaces_auditentry
FOR EACH ROW EXECUTE FUNCTION spaces_audit_append_only();
"""
POSTGRESQL_UNDO = """
DROP TRIGGER spaces_audit_append_only ON spaces_auditentry;
DROP FUNCTION spaces_audit_append_only();
"""


def guard(apps, schema_editor):
    """Deleting stays possible below the models: evidence is kept for a time, not for ever (RULES §9)."""
    schema_editor.execute(SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def unguard(apps, schema_editor):
    sqlite = "DROP TRIGGER spaces_audit_append_only"
    schema_editor.execute(sqlite if schema_editor.connection.vendor == "sqlite" else POSTGRESQL_UNDO)


class Migration(migrations.Migration):
    dependencies = [("spaces", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
