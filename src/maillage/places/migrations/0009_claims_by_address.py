from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("places", "0008_merged_places_leave_together")]

    operations = [
        migrations.RemoveConstraint(model_name="claim", name="one_open_claim_a_person"),
        migrations.RemoveField(model_name="claim", name="user"),
        migrations.AddField(
            model_name="claim",
            name="email",
            field=models.EmailField(default="", max_length=254, verbose_name="adresse électronique"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("settled_at__isnull", True)),
                fields=("place", "email"),
                name="one_open_claim_a_person",
            ),
        ),
    ]
