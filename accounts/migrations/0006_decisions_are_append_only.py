"""The log of decisions refuses changes in the database too, below every layer of ours."""

from django.db import migrations

SQLITE = """
CREATE TRIGGER accounts_decision_append_only BEFORE UPDATE ON accounts_decision
BEGIN SELECT RAISE(ABORT, 'The log is append-only.'); END
"""
POSTGRESQL = """
CREATE FUNCTION accounts_decision_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'The log is append-only.'; END $$;
CREATE TRIGGER accounts_decision_append_only BEFORE UPDATE ON accounts_decision
FOR EACH ROW EXECUTE FUNCTION accounts_decision_append_only();
"""
POSTGRESQL_UNDO = """
DROP TRIGGER accounts_decision_append_only ON accounts_decision;
DROP FUNCTION accounts_decision_append_only();
"""


def guard(apps, schema_editor):
    schema_editor.execute(SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL)


def unguard(apps, schema_editor):
    sqlite = "DROP TRIGGER accounts_decision_append_only"
    schema_editor.execute(sqlite if schema_editor.connection.vendor == "sqlite" else POSTGRESQL_UNDO)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_moderation")]
    operations = [migrations.RunPython(guard, unguard)]
