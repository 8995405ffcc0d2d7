from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """What the whole platform asks of PostgreSQL; both are trusted extensions, no superuser is needed."""

    operations = [BtreeGistExtension(), TrigramExtension()]
