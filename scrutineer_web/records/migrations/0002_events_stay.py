"""The database itself refuses to change or delete an event."""

from django.db import migrations

SQLITE = {
    "UPDATE": "CREATE TRIGGER event_not_changed BEFORE UPDATE ON records_event BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END",
    "DELETE": "CREATE TRIGGER event_not_deleted BEFORE DELETE ON records_event BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END",
}
POSTGRES = """
CREATE FUNCTION records_event_stays() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'events are only ever added'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER event_stays BEFORE UPDATE OR DELETE ON records_event
FOR EACH ROW EXECUTE FUNCTION records_event_stays();
"""


def add(apps, editor):
    statements = list(SQLITE.values()) if editor.connection.vendor == "sqlite" else [POSTGRES]
    for statement in statements:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
