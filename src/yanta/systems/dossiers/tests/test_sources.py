"""What other packages deliver into files."""

from django.utils import timezone

from yanta.kernel.events import publish
from yanta.kernel.testing import deliver
from yanta.kernel.workflow.events import InstanceEnded
from yanta.kernel.workflow.models import Instance, Process, Version, WorkItem


def ended_instance(student, teacher, clock):
    process = Process.objects.create(key="test.card", title="校园卡补办", base="test.card")
    version = Version.objects.create(process=process, number=1, state="current", xml="<x/>", checksum="0")
    instance = Instance.objects.create(
        version=version, process=process.key, title="校园卡补办", subject_type="x", subject_id=1, applicant_id=student.person_id,
        state="ended", outcome="granted", started_at=timezone.now(), ended_at=timezone.now(),
    )  # fmt: skip
    WorkItem.objects.create(
        instance=instance, serial=1, token="t", node="n", node_title="学院审核", person_id=teacher.person_id, state="done", group=1,
        arrived_at=timezone.now(), acted_at=timezone.now(),
    )  # fmt: skip
    return instance


def test_a_process_is_in_the_file_as_soon_as_it_ends(dossier, student, teacher, clock):
    instance = ended_instance(student, teacher, clock)
    publish(InstanceEnded(
        instance_id=instance.pk, process=instance.process, subject_type="x", subject_id=1, applicant_id=student.person_id, outcome="granted",
    ))  # fmt: skip
    deliver()

    entry = dossier.entries.get(range_key="matter")
    assert entry.title == "校园卡补办"
    assert entry.facts == [["结果", "已通过"], ["学院审核", "王老师 2026-11-20"]]
