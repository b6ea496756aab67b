from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("places", "0004_announce"),
    ]

    operations = [
        migrations.AddField(
            model_name="source",
            name="settled_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="réglée par l’exploitation le"),
        ),
    ]
