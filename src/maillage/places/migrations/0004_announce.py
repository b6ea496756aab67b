from django.db import migrations

ANNOUNCE = """
CREATE TRIGGER announce BEFORE INSERT ON places_revision
  FOR EACH STATEMENT EXECUTE FUNCTION maillage_announce(20262);
"""
FORGET = "DROP TRIGGER announce ON places_revision;"


def announce(apps, schema_editor):
    """See the same step of the journal: numbers of revisions are followed by those who copy the registry."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ANNOUNCE, params=None)


def forget(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FORGET, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('journal', '0003_idempotency'),
        ('places', '0003_photos_removed'),
    ]

    operations = [migrations.RunPython(announce, forget)]
