import threading
import time
from datetime import date, datetime, timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from yanta.kernel.base import Actor, Refused
from yanta.kernel.jobs import Progress, cancel, job, run_now, running, schedule, start, worker
from yanta.kernel.jobs.declare import cron_of
from yanta.kernel.jobs.events import JobEnded
from yanta.kernel.jobs.models import JobRun, Schedule
from yanta.kernel.testing import published

seen: list[object] = []
SYSTEM = Actor.system("lamps")


@job("点亮路灯")
def light(progress: Progress, *, actor: Actor, lamps: int, on: date | None = None) -> None:
    seen.append((actor, lamps, on))
    for n in range(lamps):
        progress.step(n + 1, lamps, f"第 {n + 1} 盏")
    progress.finish(link="/lamps/", lit=lamps)


@job("拒绝的任务")
def refuse(progress: Progress, *, actor: Actor) -> None:
    progress.step(1, 10)
    raise Refused("路灯正在检修")


@job("出错的任务")
def break_down(progress: Progress, *, actor: Actor) -> None:
    raise KeyError("inner secret")


@job("中断后继续的任务")
def resume(progress: Progress, *, actor: Actor) -> None:
    first = progress.checkpoint.get("next", 0)
    for n in range(first, 6):
        seen.append(n)
        progress.save(next=n + 1)
        if n == 2 and first == 0:
            raise SystemExit("the worker dies")


@job("每日任务", schedule="0 2 * * *")
def nightly(progress: Progress, *, actor: Actor) -> None:
    seen.append("nightly")


@pytest.fixture(autouse=True)
def _forget():
    seen.clear()


class Bar:
    """What a command line would draw."""

    def __init__(self):
        self.shown = []

    def show(self, done, total, text):
        self.shown.append((done, total, text))


class TestStart:
    def test_queues_a_run_that_a_worker_takes(self, db):
        run = start(light, actor=SYSTEM, lamps=3, on=date(2026, 11, 20))

        assert ProcrastinateJob.objects.get(task_name=running.TASK).args == {"run_id": run.pk}
        running.execute(run.pk)
        run.refresh_from_db()
        assert seen == [(Actor.system("lamps"), 3, date(2026, 11, 20))]
        assert (run.state, run.done, run.total, run.percent) == ("done", 3, 3, 100)
        assert (run.link, run.result) == ("/lamps/", {"lit": 3})

    def test_vanishes_with_its_transaction(self, db):
        with transaction.atomic():
            start(light, actor=SYSTEM, lamps=3)
            transaction.set_rollback(True)

        assert not JobRun.objects.exists()
        assert not ProcrastinateJob.objects.exists()

    def test_an_unknown_parameter_is_the_callers_bug(self, db):
        with pytest.raises(TypeError):
            start(light, actor=SYSTEM, bulbs=3)

    def test_runs_with_the_rights_of_the_person(self, student_actor):
        run = start(light, actor=student_actor, lamps=1)

        running.execute(run.pk)

        actor = seen[0][0]
        assert (actor.account_id, actor.grants) == (student_actor.account_id, student_actor.grants)

    def test_only_the_person_sees_the_run(self, student_actor, acting, other_college):
        run = start(light, actor=student_actor, lamps=1)

        assert run.person_id == student_actor.person_id
        assert acting("student", other_college).person_id != run.person_id


class TestEnd:
    def test_a_refusal_reaches_the_person_in_its_own_words(self, db):
        run = start(refuse, actor=SYSTEM)
        running.execute(run.pk)

        run.refresh_from_db()
        assert (run.state, run.error) == ("failed", "路灯正在检修")

    def test_a_bug_shows_nothing_of_its_insides(self, db):
        run = start(break_down, actor=SYSTEM)
        running.execute(run.pk)

        run.refresh_from_db()
        assert run.state == "failed"
        assert "secret" not in run.error

    def test_is_told_as_an_event(self, db):
        running.execute(start(light, actor=SYSTEM, lamps=1).pk)

        event = published(JobEnded)[0]
        assert (event.state, event.title) == ("done", "点亮路灯")

    def test_a_run_that_ended_is_never_run_again(self, db):
        run = start(light, actor=SYSTEM, lamps=1)
        running.execute(run.pk)
        running.execute(run.pk)

        assert len(seen) == 1


class TestResume:
    def test_a_run_goes_on_from_its_checkpoint_after_the_worker_died(self, db):
        run = start(resume, actor=SYSTEM)
        with pytest.raises(SystemExit):
            running.execute(run.pk)
        run.refresh_from_db()
        assert run.state == "running"
        # The dead worker's own line to the database wrote the checkpoint; in a test's transaction it cannot.
        JobRun.objects.filter(pk=run.pk).update(checkpoint={"next": 3})

        running.execute(run.pk)

        run.refresh_from_db()
        assert seen == [0, 1, 2, 3, 4, 5]
        assert (run.state, run.attempts) == ("done", 2)


class TestCancel:
    def test_a_waiting_run_never_begins(self, db):
        run = start(light, actor=SYSTEM, lamps=1)
        cancel(run, actor=SYSTEM)
        running.execute(run.pk)

        assert run.state == "cancelled"
        assert seen == []

    def test_is_not_for_strangers(self, student_actor, acting, other_college):
        run = start(light, actor=student_actor, lamps=1)

        with pytest.raises(Refused, match="自己"):
            cancel(run, actor=acting("student", other_college))


class TestRunNow:
    def test_shows_the_same_progress_on_the_command_line(self, db):
        bar = Bar()

        run = run_now(light, actor=SYSTEM, display=bar, lamps=2)

        assert bar.shown[-1] == (2, 2, "第 2 盏")
        assert run.state == "done"

    def test_raises_what_went_wrong_after_noting_it(self, db):
        with pytest.raises(Refused):
            run_now(refuse, actor=SYSTEM)

        assert JobRun.objects.get().state == "failed"


class TestSchedule:
    def test_starts_once_when_due_and_catches_up_after_a_pause(self, db, clock):
        clock.set(2026, 11, 20, 1)
        assert schedule.start_due(at=clock.now) == []  # first seen: waits for its time
        clock.set(2026, 11, 20, 2, 1)
        started = schedule.start_due(at=clock.now)
        assert "jobs.nightly" in started
        assert schedule.start_due(at=clock.now) == []
        clock.set(2026, 11, 23, 9)

        assert "jobs.nightly" in schedule.start_due(at=clock.now)
        assert JobRun.objects.filter(name="jobs.nightly").count() == 2
        assert Schedule.objects.get(name="jobs.nightly").last_due_at == datetime(
            2026, 11, 23, 2, tzinfo=clock.now.tzinfo
        )

    @pytest.mark.parametrize(
        ("seconds", "cron"), [(5, "* * * * * */5"), (300, "*/5 * * * *"), (3600, "0 */1 * * *")]
    )
    def test_ticks_are_cron_lines(self, seconds, cron):
        assert cron_of(seconds) == cron


@pytest.mark.django_db(transaction=True)
class TestWhileItRuns:
    def test_others_see_the_progress_and_can_stop_it(self):
        run = start(slow, actor=SYSTEM)
        thread = threading.Thread(target=self._execute, args=(run.pk,))
        thread.start()
        self._until(lambda: JobRun.objects.get(pk=run.pk).done > 0)
        cancel(JobRun.objects.get(pk=run.pk), actor=SYSTEM)
        thread.join(10)

        run.refresh_from_db()
        assert run.state == "cancelled"
        assert run.done > 0

    def test_a_worker_runs_what_is_queued(self, monkeypatch):
        # The worker's threads would keep their connections, and the test database could not be dropped.
        monkeypatch.setitem(connections["default"].settings_dict, "CONN_MAX_AGE", 0)
        run = start(light, actor=SYSTEM, lamps=2)

        worker.work(wait=False, concurrency=1, queues=["default"])

        run.refresh_from_db()
        assert run.state == "done"

    def test_what_a_dead_worker_was_doing_is_queued_again(self):
        start(light, actor=SYSTEM, lamps=1)
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "WITH w AS (INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"
                " RETURNING id) UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM w)"
            )

        assert worker.rescue_stalled() == 1
        assert ProcrastinateJob.objects.get().status == "todo"
        assert worker.workers_alive() == 0

    @staticmethod
    def _execute(run_id):
        try:
            running.execute(run_id)
        finally:
            connections.close_all()

    @staticmethod
    def _until(true, seconds=10.0):
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end
            time.sleep(0.05)


@job("慢任务")
def slow(progress: Progress, *, actor: Actor) -> None:
    with transaction.atomic():  # the progress is seen although this transaction is open
        for n in range(200):
            progress.step(n + 1, 200)
            time.sleep(0.1)


def test_the_time_it_took_is_known():
    now = timezone.now()

    assert JobRun(started_at=now, ended_at=now + timedelta(seconds=6)).seconds == 6
    assert JobRun().seconds is None
