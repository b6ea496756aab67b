from django.db import migrations, models

ANNOUNCE = """
CREATE OR REPLACE FUNCTION maillage_announce() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  class integer := TG_ARGV[0]::integer;
  done text := 'maillage.announced_' || TG_ARGV[0];
  place bigint;
BEGIN
  IF current_setting(done, true) = '1' THEN
    RETURN NULL;
  END IF;
  EXECUTE format('SELECT last_value FROM %s', pg_get_serial_sequence(TG_RELID::regclass::text, 'id')) INTO place;
  PERFORM pg_advisory_xact_lock_shared(class, ((place - 1) % 2147483648)::integer);
  PERFORM set_config(done, '1', true);
  RETURN NULL;
END $$;
CREATE TRIGGER announce BEFORE INSERT ON journal_auditevent
  FOR EACH STATEMENT EXECUTE FUNCTION maillage_announce(20261);
"""
FORGET = "DROP TRIGGER announce ON journal_auditevent; DROP FUNCTION maillage_announce();"


def announce(apps, schema_editor):
    """On PostgreSQL numbers are given before transactions end, in another order: whoever writes says from which number
    on, for as long as its transaction lasts, so that a reader knows up to where nothing can appear any more."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ANNOUNCE, params=None)


def forget(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(FORGET, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('journal', '0002_mail'),
    ]

    operations = [
        migrations.CreateModel(
            name='IdempotencyKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('caller', models.CharField(max_length=120, verbose_name='qui demande')),
                ('key', models.CharField(max_length=255, verbose_name='clé')),
                ('fingerprint', models.CharField(max_length=64, verbose_name='empreinte de la demande')),
                ('answer', models.JSONField(null=True, verbose_name='réponse')),
                ('at', models.DateTimeField(db_index=True, verbose_name='le')),
            ],
            options={
                'verbose_name': 'clé d’idempotence',
                'verbose_name_plural': 'clés d’idempotence',
                'constraints': [models.UniqueConstraint(fields=('caller', 'key'), name='an_act_is_asked_once'), models.CheckConstraint(condition=models.Q(('key', ''), _negated=True), name='an_idempotency_key_is_not_blank')],
            },
        ),
        migrations.RunPython(announce, forget),
    ]
