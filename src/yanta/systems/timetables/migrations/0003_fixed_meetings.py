from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("timetables", "0002_engine")]

    operations = [
        migrations.AddField(
            model_name="placement",
            name="is_fixed",
            field=models.BooleanField(
                default=False,
                help_text="自动排课不再移动它；修复课表时只有它自己受影响才移动",
                verbose_name="固定",
            ),
        ),
    ]
