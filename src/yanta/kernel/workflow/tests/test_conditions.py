"""Nothing drawn is ever evaluated as code."""

import pytest

from yanta.kernel.base import Refused
from yanta.kernel.workflow.conditions import NotACondition, compiled, evaluate
from yanta.kernel.workflow.drawing import read
from yanta.kernel.workflow.tests.world import asks, bpmn, chain

HOSTILE = [
    "__import__('os').system('id')", "().__class__.__bases__[0].__subclasses__()", "open('/etc/passwd').read()",
    "days.__class__", "(lambda: 1)()", "[x for x in range(9**9)]", "exec('1')", "eval('1')", "globals()", "9**9**9",
    "'a'*10**10", "f'{days.__class__}'", "getattr(days, 'real')", "_secret", "days := 3", "yield 1", "await x", "a.b", "a[0]",
    "1 if", "print(1)", "lambda: 0", "{'a': 1}", "'%s' % days.__class__", "x" * 400, "(" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:20])
def test_code_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        evaluate(text, {"days": 3, "a": "b"})


@pytest.mark.parametrize(
    "text", ["days > 3 and kind in ['illness', 'private']", "${days > 3}", "not done or days == 5"]
)
def test_comparisons_are_not(text: str) -> None:
    assert evaluate(text, {"days": 5, "kind": "illness", "done": False})


def test_a_name_that_nobody_declared_is_said() -> None:
    with pytest.raises(Refused, match="没有声明的名称“salary”"):
        evaluate("salary > 3", {"days": 5})


def test_multiplying_texts_is_no_way_to_fill_the_memory() -> None:
    with pytest.raises(Refused):
        evaluate("'a' * days", {"days": 10**9})


def test_a_drawing_with_code_is_refused_before_it_runs() -> None:
    body = '<startEvent id="s"/><endEvent id="e"/><exclusiveGateway id="x"/>' + asks("one", "t1")
    with pytest.raises(Refused):
        read(bpmn(body, ("s", "one"), ("one", "x"), ("x", "e", "__import__('os')"), ("x", "one", "True")))
    with pytest.raises(Refused, match="脚本"):
        read(
            bpmn(
                '<startEvent id="s"/><endEvent id="e"/><scriptTask id="k" name="坏"><script>import os</script></scriptTask>',
                *chain("s", "k", "e"),
            )
        )
    with pytest.raises(NotACondition):
        compiled("")
