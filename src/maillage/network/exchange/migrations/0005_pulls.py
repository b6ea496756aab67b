import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0004_intakes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Pull",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="nom")),
                ("address", models.CharField(max_length=2000, verbose_name="adresse")),
                ("format", models.CharField(blank=True, max_length=40, verbose_name="format")),
                ("recipe", models.CharField(blank=True, max_length=80, verbose_name="correspondance")),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
                ("licence", models.CharField(blank=True, max_length=200, verbose_name="licence")),
                ("all_places", models.BooleanField(default=False, verbose_name="tous les lieux")),
                (
                    "every",
                    models.CharField(
                        choices=[("daily", "daily"), ("weekly", "weekly")],
                        default="daily",
                        max_length=10,
                        verbose_name="tous les",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "active"), ("paused", "paused"), ("asking", "asking")],
                        default="active",
                        max_length=10,
                        verbose_name="état",
                    ),
                ),
                ("opened_at", models.DateTimeField(verbose_name="ajoutée le")),
                ("opened_by", models.CharField(max_length=120, verbose_name="ajoutée par")),
                ("changed_at", models.DateTimeField(verbose_name="réglée le")),
                ("changed_by", models.CharField(max_length=120, verbose_name="réglée par")),
                ("next_run_at", models.DateTimeField(db_index=True, verbose_name="prochaine lecture")),
                ("leased_until", models.DateTimeField(blank=True, null=True, verbose_name="lue jusqu’à")),
                ("etag", models.CharField(blank=True, max_length=200, verbose_name="marque")),
                ("last_modified", models.CharField(blank=True, max_length=200, verbose_name="modifiée")),
                ("hash", models.CharField(blank=True, max_length=64, verbose_name="empreinte")),
                ("known_format", models.CharField(blank=True, max_length=40, verbose_name="format reconnu")),
                ("columns", models.JSONField(default=list, verbose_name="colonnes")),
                ("rows", models.PositiveIntegerField(default=0, verbose_name="lignes")),
                ("last_seen_at", models.DateTimeField(blank=True, null=True, verbose_name="vue le")),
                ("last_entered_at", models.DateTimeField(blank=True, null=True, verbose_name="entrée le")),
                ("failing_since", models.DateTimeField(blank=True, null=True, verbose_name="en panne depuis")),
                ("failures", models.PositiveIntegerField(default=0, verbose_name="échecs")),
                ("last_problem", models.CharField(blank=True, max_length=20, verbose_name="dernier ennui")),
                ("problem_detail", models.CharField(blank=True, max_length=600, verbose_name="son détail")),
                ("is_silence_told", models.BooleanField(default=False, verbose_name="silence dit")),
                (
                    "doubt",
                    models.CharField(
                        blank=True,
                        choices=[("loss", "loss"), ("columns", "columns"), ("format", "format")],
                        max_length=10,
                        verbose_name="doute",
                    ),
                ),
                ("asked_at", models.DateTimeField(blank=True, null=True, verbose_name="question posée le")),
                ("asked_hash", models.CharField(blank=True, max_length=64, verbose_name="empreinte en question")),
                ("asked_rows", models.PositiveIntegerField(blank=True, null=True, verbose_name="lignes en question")),
                ("asked_columns", models.JSONField(default=list, verbose_name="colonnes en question")),
                ("accepted_hash", models.CharField(blank=True, max_length=64, verbose_name="empreinte acceptée")),
                ("waited_hash", models.CharField(blank=True, max_length=64, verbose_name="empreinte refusée")),
            ],
            options={
                "verbose_name": "source suivie",
                "verbose_name_plural": "sources suivies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("name", ""), _negated=True), models.Q(("address", ""), _negated=True)
                        ),
                        name="pull_has_an_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ("active", "paused", "asking"))), name="pull_state_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("every__in", ("daily", "weekly"))), name="pull_comes_back"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("format", ""), ("recipe", ""), _connector="OR"), name="pull_is_read_one_way"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("asked_at__isnull", False),
                                ("asked_rows__isnull", False),
                                ("state", "asking"),
                                models.Q(("doubt", ""), _negated=True),
                                models.Q(("asked_hash", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("state", "asking"), _negated=True),
                                ("asked_at__isnull", True),
                                ("asked_hash", ""),
                                ("asked_rows__isnull", True),
                                ("doubt", ""),
                            ),
                            _connector="OR",
                        ),
                        name="pull_that_asks_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("failing_since__isnull", True), ("failures", 0), ("last_problem", "")),
                            models.Q(
                                ("failing_since__isnull", False),
                                ("failures__gt", 0),
                                models.Q(("last_problem", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="pull_that_fails_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PullContent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("refs", models.JSONField(default=dict, verbose_name="références")),
                (
                    "pull",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="content",
                        to="exchange.pull",
                        verbose_name="source suivie",
                    ),
                ),
            ],
            options={
                "verbose_name": "contenu d’une source suivie",
                "verbose_name_plural": "contenus des sources suivies",
            },
        ),
        migrations.CreateModel(
            name="PullReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="le")),
                ("by", models.CharField(max_length=120, verbose_name="par")),
                (
                    "outcome",
                    models.CharField(
                        choices=[("entered", "entered"), ("asked", "asked"), ("failed", "failed")],
                        max_length=10,
                        verbose_name="issue",
                    ),
                ),
                ("counts", models.JSONField(default=dict, verbose_name="effectifs")),
                ("gone", models.JSONField(default=list, verbose_name="lieux disparus de la source")),
                (
                    "pull",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reports",
                        to="exchange.pull",
                        verbose_name="source suivie",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="pulls",
                        to="exchange.importrun",
                        verbose_name="import",
                    ),
                ),
            ],
            options={
                "verbose_name": "lecture d’une source suivie",
                "verbose_name_plural": "lectures des sources suivies",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ("entered", "asked", "failed"))),
                        name="pull_report_outcome_is_known",
                    )
                ],
            },
        ),
    ]
