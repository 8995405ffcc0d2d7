import pytest

from yanta.kernel.base import Refused
from yanta.kernel.base.refused import NotAllowed
from yanta.kernel.notify import send, template, wording
from yanta.kernel.notify.declare import Texts, template_named
from yanta.kernel.notify.models import Message, Wording
from yanta.kernel.notify.views.house import StatisticsView
from yanta.kernel.testing.factories import PersonFactory

CODE = "test.worded"
template(CODE, title="{{ what }}好了", body="{% if note %}备注：{{ note }}{% endif %}")
LANGUAGE = Wording.Language.CHINESE


def reworded(engineer, **texts):
    given = {"title": "您的{{ what }}已办好", "body": ""} | texts
    return wording.reword(actor=engineer, template=CODE, language=LANGUAGE, **given)


class TestReword:
    def test_holds_from_then_on_and_can_be_taken_back(self, engineer):
        person = PersonFactory()
        reworded(engineer)
        send(CODE, to=[person.pk], context={"what": "证书", "note": ""})
        wording.restore(actor=engineer, template=CODE, language=LANGUAGE)
        send(CODE, to=[person.pk], context={"what": "证书", "note": ""})
        assert list(Message.objects.values_list("title", flat=True)) == ["证书好了", "您的证书已办好"]

    def test_every_change_is_a_version(self, engineer):
        reworded(engineer)
        reworded(engineer, title="{{ what }}可以领了")
        rows = Wording.objects.order_by("number").values_list("number", "is_current")
        assert list(rows) == [(1, False), (2, True)]

    @pytest.mark.parametrize(
        ("title", "said"),
        [
            ("{{ price }}", "没有变量“price”"),
            ("{{ what", "花括号"),
            ("{{ what * 99 }}", "只能写变量名"),
            ("{{ what.__class__ }}", "只能写变量名"),
            ("{% for x in what %}{% endfor %}", "只能写变量名"),
            (" ", "标题"),
        ],
    )
    def test_refuses_what_would_fail_or_compute(self, engineer, title, said):
        with pytest.raises(Refused, match=said):
            reworded(engineer, title=title)
        assert not Wording.objects.exists()

    def test_refuses_who_may_not(self, clerk):
        with pytest.raises(NotAllowed):
            reworded(clerk)

    def test_preview_shows_the_names_in_brackets(self):
        shown = wording.preview(template_named(CODE), Texts("{{ what }}到了", "{{ note }}"))
        assert (shown.title, shown.body) == ("〔what〕到了", "〔note〕")


def test_english_comes_from_the_catalogue_unless_declared():
    own = template("test.english", title="{{ n }} 天", english=("{{ n }} days", "", ""))
    assert own.texts("en").title == "{{ n }} days"
    kept = template("test.catalogue", title="说明：{{ reason }}")
    assert kept.texts("en").title == "Note: {{ reason }}"


def test_english_that_speaks_of_more_is_a_bug():
    with pytest.raises(TypeError, match="English"):
        template("test.more", title="好", english=("{{ x }}", "", ""))


def test_only_who_may_reword_is_led_there(rf, engineer, auditor):
    def page(actor):
        request = rf.get("/messages/statistics/")
        request.actor = actor
        return StatisticsView.as_view()(request).content.decode()

    assert "/messages/wordings/" in page(engineer)
    assert "/messages/wordings/" not in page(auditor)
