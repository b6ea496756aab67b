from django.db import migrations, models


def tell_private(apps, schema_editor):
    events = apps.get_model("journal", "AuditEvent").objects
    for room in ("accounts.", "journal.", "diagnosis."):
        events.filter(action__startswith=room).update(is_public=False)


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0003_idempotency"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditevent",
            name="is_public",
            field=models.BooleanField(default=True, verbose_name="change ce que tous voient"),
        ),
        migrations.RunPython(tell_private, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(condition=models.Q(("is_public", True)), fields=["-id"], name="journal_last_public"),
        ),
    ]
