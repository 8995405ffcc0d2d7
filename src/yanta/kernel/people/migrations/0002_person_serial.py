from django.db import migrations


class Migration(migrations.Migration):
    """Person numbers come from a sequence: a number is given once, whatever becomes of the transaction."""

    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE people_person_serial AS integer", "DROP SEQUENCE people_person_serial"
        )
    ]
