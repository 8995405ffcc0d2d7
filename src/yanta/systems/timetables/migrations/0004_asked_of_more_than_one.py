from django.db import migrations, models

STATUS = models.CharField(
    "状态", max_length=10, default="asked", editable=False,
    choices=[("asked", "待审批"), ("approved", "已批准"), ("refused", "未批准"), ("withdrawn", "已撤回")],
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("timetables", "0003_fixed_meetings")]

    operations = [
        migrations.AlterField("adjustment", "status", STATUS),
        migrations.AlterField("adjustmentevent", "status", STATUS),
    ]
