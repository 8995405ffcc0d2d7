from datetime import date

import pytest

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.codes import queries, service, services
from yanta.kernel.codes.models import Code, NumberReservation, NumberRule, Proposal, Revision
from yanta.kernel.codes.rules.proposals import lasting
from yanta.kernel.events.models import OutboxEvent
from yanta.kernel.people.models import Person

pytestmark = pytest.mark.django_db
KIND = Proposal.Kind
ON = date(2026, 12, 1)


@pytest.fixture
def wish(sexes, engineer):
    def propose(kind, code, **values):
        values = {"effective_on": ON, "reason": "规范", **values}
        return services.propose(sexes, actor=engineer, kind=kind, code=code, **values)

    return propose


def people(**codes):
    for number, sex in codes.items():
        Person.objects.create(number=number, name="某人", sex=sex)


class TestPropose:
    def test_waits_for_review_and_changes_nothing(self, wish, sexes):
        proposal = wish(KIND.ADD, "3", name="其他")
        assert (proposal.status, proposal.proposed_by) == ("proposed", "王工")
        assert service.validate("GBT2261_1_XB", "3").ok is False

    @pytest.mark.parametrize(
        ("kind", "code", "values", "message"),
        [
            (KIND.ADD, "1", {"name": "男"}, "不能重复使用"),
            (KIND.ADD, "3", {}, "请填写名称"),
            (KIND.RENAME, "7", {"name": "x"}, "没有代码 7"),
            (KIND.RETIRE, "0", {"successor": "0"}, "自己代替自己"),
            (KIND.ADD, "3", {"name": "x", "parent": "88"}, "没有上级代码"),
        ],
    )
    def test_refuses_what_makes_no_sense(self, wish, kind, code, values, message):
        with pytest.raises(Refused, match=message):
            wish(kind, code, **values)

    def test_refuses_a_second_open_wish_for_the_same_code(self, wish):
        wish(KIND.RENAME, "9", name="未说明")
        with pytest.raises(Refused, match="未完成"):
            wish(KIND.RETIRE, "9")

    def test_a_teacher_may_not(self, sexes, teacher):
        with pytest.raises(NotAllowed):
            services.propose(
                sexes, actor=teacher, kind=KIND.ADD, code="3", name="x", effective_on=ON, reason="x"
            )


class TestReview:
    def test_nobody_reviews_their_own(self, wish, engineer):
        proposal = wish(KIND.ADD, "3", name="其他")
        with pytest.raises(Refused, match="自己提出"):
            services.approve(proposal, actor=engineer)

    def test_a_rejected_wish_is_not_published(self, wish, sexes, engineer, reviewer):
        services.reject(wish(KIND.ADD, "3", name="其他"), actor=reviewer, opinion="国标没有")
        with pytest.raises(Refused, match="没有已通过"):
            services.publish(sexes, actor=engineer, reason="x")


class TestPublish:
    @pytest.fixture
    def published(self, wish, sexes, engineer, reviewer):
        wishes = [
            wish(KIND.RETIRE, "9", successor="0"),
            wish(KIND.RENAME, "0", name="未知"),
            wish(KIND.ADD, "3", name="其他"),
        ]
        for proposal in wishes:
            services.approve(proposal, actor=reviewer, opinion="同意")
        return services.publish(sexes, actor=engineer, reason="年度修订")

    def test_is_in_force_as_a_new_revision(self, published, sexes):
        assert published.number == 2
        assert service.name_of("GBT2261_1_XB", "0") == "未知"
        assert service.validate("GBT2261_1_XB", "其他").code == "3"
        assert service.validate("GBT2261_1_XB", "9", ON).successor == "0"
        assert service.validate("GBT2261_1_XB", "9", date(2026, 11, 30)).ok
        assert len(Revision.objects.get().changes) == 3

    def test_consumers_are_told(self, published):
        event = OutboxEvent.objects.get(name="codes.code-set-published")
        assert event.payload["retired"] == {"9": "0"}
        assert event.payload["added"] == ["3"]

    def test_live_rows_are_rewritten_on_demand_and_reported(self, published, sexes, engineer):
        people(A="9", B="9", C="1")

        services.remap(sexes, actor=engineer, on=ON, reason="停用 9")

        assert list(Person.objects.order_by("number").values_list("sex", flat=True)) == ["0", "0", "1"]
        (line,) = Revision.objects.get().remapped
        assert (line["field"], line["from"], line["to"], line["rows"]) == ("people.Person.sex", "9", "0", 2)

    def test_rows_are_left_alone_before_the_day(self, published, sexes, engineer):
        people(A="9")
        services.remap(sexes, actor=engineer, on=date(2026, 11, 30), reason="x")
        assert Person.objects.get().sex == "9"


def test_the_effect_is_known_before_publishing(sexes):
    people(A="9", B="9", C="1")

    with_successor, without = queries.effects(sexes, [("9", "0"), ("1", "")])

    assert (with_successor.code, with_successor.rows, with_successor.obstacle) == ("9", 2, "")
    assert (without.code, without.rows) == ("1", 1)
    assert "人工处理" in without.obstacle


def test_usage_and_coverage(sexes):
    people(A="9", B="9", C="1", D="", E="7")

    (usage,) = [one for one in queries.usages_of("GBT2261_1_XB") if one.model is Person]
    people_covered = next(one for one in queries.coverage() if one.system == "人员")
    sex = next(one for one in people_covered.coded if one.title.endswith("性别"))

    assert usage.counts == {"9": 2, "1": 1, "7": 1}
    assert (sex.rows, sex.filled, sex.on_standard, sex.share) == (5, 4, 3, 0.75)
    assert 0 < people_covered.bound <= people_covered.fields


def test_numbers_by_screen(engineer, db):
    rule = NumberRule.objects.create(key="s", title="学号", pattern="{year:4}{seq:3}")

    services.reserve(rule, actor=engineer, values="year=2026", count=2, purpose="新生")
    first, second = NumberReservation.objects.order_by("number")
    services.confirm(first, actor=engineer)
    services.release(second, actor=engineer, reason="放弃入学")

    assert list(NumberReservation.objects.order_by("number").values_list("number", "status")) == [
        ("2026001", "confirmed"),
        ("2026002", "released"),
    ]


def test_a_pasted_crosswalk(sexes, engineer):
    from yanta.kernel.codes.models import Crosswalk

    crosswalk = Crosswalk.objects.create(key="k", title="门禁性别", local_system="门禁", code_set=sexes)
    services.import_crosswalk(crosswalk, actor=engineer, lines="M\t男性\nG\t先生\t1\nF,女性\nX，机器人")

    entries = {entry.local_code: entry for entry in crosswalk.entries.select_related("code")}
    assert {local: entry.code and entry.code.code for local, entry in entries.items()} == {
        "M": "1", "G": "1", "F": "2", "X": None,
    }  # fmt: skip
    assert [entries[local].loss for local in "MGF"] == [True, True, False]
    assert service.map_code("k", "先生").code == "1"
    with pytest.raises(Refused, match="重复"):
        services.import_crosswalk(crosswalk, actor=engineer, lines="M,男性\nM,女性")


def test_a_line_of_successors_is_followed_to_its_end():
    assert lasting({"a": "b", "b": "c", "x": "y", "p": "q", "q": "p"}) == {"a": "c", "b": "c", "x": "y"}


def test_a_school_code_keeps_its_origin(sexes, engineer, reviewer, wish):
    services.approve(wish(KIND.ADD, "3", name="其他"), actor=reviewer)
    services.publish(sexes, actor=engineer, reason="x")
    assert Code.objects.get(code_set=sexes, code="3").origin == "school"
