import sys

from django.db import migrations


def name_strays(apps, editor):
    """Limits stay as they are; those whose group no major plan in force has limit nobody, and are named."""
    plans = apps.get_model("curricula", "Group").objects.filter(plan__status="published", plan__kind="major")
    limits = apps.get_model("course_selection", "GroupLimit").objects.exclude(name__in=plans.values("name"))
    for one in limits.select_related("round").order_by("pk"):
        sys.stdout.write(
            f"\n    课程组限额“{one.name}”（轮次“{one.round.name}”）在执行中的培养方案里没有，请改选"
        )


class Migration(migrations.Migration):
    """The group of a limit is chosen from those of the plans in force."""

    dependencies = [("course_selection", "0010_seats_close"), ("curricula", "0001_initial")]

    operations = [migrations.RunPython(name_strays, migrations.RunPython.noop, elidable=True)]
