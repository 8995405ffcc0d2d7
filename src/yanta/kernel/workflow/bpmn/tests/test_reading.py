"""Files of any origin: read or refused in words, never a crash."""

import contextlib
import random
from pathlib import Path

import pytest

from yanta.kernel.base import Refused
from yanta.kernel.workflow.bpmn import check, read
from yanta.kernel.workflow.bpmn.reading import XML_LIMIT

FOLDER = Path(__file__).parent / "miwg"
NS = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'


def process(inside, attributes=""):
    return f'<definitions {NS} id="d" xmlns:y="urn:yanta:bpmn"><process id="p" {attributes}>{inside}</process></definitions>'


def said(text, severity="error"):
    return [str(one) for one in check(text) if one.severity == severity]


STRAIGHT = (
    '<startEvent id="s"/><userTask id="a" name="甲" y:assignees="role:head"/><endEvent id="e"/>'
    '<sequenceFlow id="f1" sourceRef="s" targetRef="a"/><sequenceFlow id="f2" sourceRef="a" targetRef="e"/>'
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "空的"),
        (b"   \n", "空的"),
        (b"PK\x03\x04rest", "压缩包"),
        (b'{"a": 1}', "JSON"),
        (b"%PDF-1.7", "PDF"),
        (b"hello", "XML"),
        (b"<definitions", "XML"),
        (b"<a/>", "不是 BPMN 2.0"),
        (b'<Package xmlns="http://www.wfmc.org/2009/XPDL2.2"/>', "XPDL"),
        (b'<html xmlns="http://www.w3.org/1999/xhtml"/>', "网页"),
        (b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>', "决策表"),
        (b'<process xmlns="http://docs.oasis-open.org/wsbpel/2.0/process/executable"/>', "BPEL"),
        (b'<definitions xmlns="urn:else"/>', "不是 BPMN 2.0"),
        (f"<!DOCTYPE definitions []><definitions {NS}/>".encode(), "DOCTYPE"),
        (
            f'<!DOCTYPE definitions [<!ENTITY x SYSTEM "file:///etc/passwd">]><definitions {NS}>&x;</definitions>'.encode(),
            "DOCTYPE",
        ),
        (b"<?xml version='1.0'?>" + b"<a>" * 5000 + b"</a>" * 5000, "太深"),
        (b" " + b"x" * XML_LIMIT, "MB"),
    ],
)
def test_is_refused_in_words(content, reason):
    with pytest.raises(Refused, match=reason):
        read(content)


def test_entities_that_grow_are_not_expanded():
    bomb = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{"&" + chr(97 + n) + ";"}{("&" + chr(97 + n) + ";") * 9}">'
        for n in range(12)
    )
    with pytest.raises(Refused):
        read(f'{bomb}]><definitions {NS} name="&m;">&m;</definitions>'.encode())


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "gbk"])
    def test_declared_rightly(self, encoding):
        named = encoding.replace("-sig", "")
        content = f'<?xml version="1.0" encoding="{named}"?>{process(STRAIGHT)}'.encode(encoding)

        assert read(content).node("a").get("name") == "甲"

    def test_gbk_that_says_it_is_utf_8(self):
        document = read(f'<?xml version="1.0" encoding="UTF-8"?>{process(STRAIGHT)}'.encode("gbk"))

        assert document.node("a").get("name") == "甲"
        assert "GBK" in document.remarks[0]

    def test_utf_8_that_says_it_is_utf_16(self):
        document = read(f'<?xml version="1.0" encoding="utf-16"?>{process(STRAIGHT)}'.encode())

        assert document.node("a").get("name") == "甲"

    def test_an_encoding_nobody_knows(self):
        assert (
            read(f'<?xml version="1.0" encoding="klingon"?>{process(STRAIGHT)}'.encode()).node("a")
            is not None
        )

    def test_text_is_text_again(self):
        text = read(process(STRAIGHT)).text

        assert read(text).text == text


@pytest.mark.parametrize("seed", range(120))
def test_damaged_files_are_read_or_refused(seed):
    dice = random.Random(seed)
    content = bytearray(dice.choice(sorted(FOLDER.glob("*.bpmn"))).read_bytes())
    for _ in range(dice.randint(1, 30)):
        at = dice.randrange(len(content))
        match dice.randint(0, 3):
            case 0:
                content[at] = dice.randrange(256)
            case 1:
                del content[at : at + dice.randint(1, 400)]
            case 2:
                content[at:at] = content[dice.randrange(len(content)) :][: dice.randint(1, 300)]
            case 3:
                del content[at:]
        if not content:
            break
    with contextlib.suppress(Refused):
        check(bytes(content))


def _gone(node, _dice):
    if node.getparent() is not None:
        node.getparent().remove(node)


def _bare(node, dice):
    for key in list(node.attrib)[: dice.randint(0, 3)]:
        del node.attrib[key]


def _odd_id(node, dice):
    if node.get("id"):
        node.set("id", dice.choice(["", "x", "a b", "中文", "'\"<", "x" * 500]))


def _astray(node, dice):
    for key in ("sourceRef", "targetRef", "attachedToRef", "default", "messageRef", "calledElement"):
        if node.get(key):
            node.set(key, dice.choice(["", "p", "nowhere", "a:b:c", "']"]))


def _odd_name(node, dice):
    node.set("name", dice.choice(["", "\n", "<script>", "名" * 3000]))


@pytest.mark.parametrize("seed", range(60))
def test_drawings_taken_apart_are_checked_without_a_crash(seed):
    """Well-formed, but with nodes, attributes and ids gone or doubled."""
    dice = random.Random(seed)
    document = read(dice.choice(sorted(FOLDER.glob("*.bpmn"))).read_bytes())
    nodes = [
        node for node in document.root.iter() if isinstance(node.tag, str) and node.getparent() is not None
    ]
    for node in dice.sample(nodes, k=min(len(nodes), dice.randint(1, 40))):
        dice.choice([_gone, _bare, _odd_id, _astray, _odd_name])(node, dice)

    assert check(document.written()) is not None


class TestOfOtherTools:
    """What tools leave out or add; each line is a habit of one of them."""

    @pytest.mark.parametrize(
        "inside",
        [
            STRAIGHT.replace("<startEvent", '<documentation>x</documentation><startEvent'),
            STRAIGHT.replace(' id="f1"', ""),
            STRAIGHT.replace('<startEvent id="s"/>', '<startEvent id="s"><outgoing>f1</outgoing></startEvent>'),
            STRAIGHT.replace("userTask", "manualTask"),
            STRAIGHT + '<laneSet><lane id="l"><flowNodeRef>a</flowNodeRef><flowNodeRef>gone</flowNodeRef></lane></laneSet>',
            STRAIGHT + '<dataObject id="o"/><dataStoreReference id="ds" dataStoreRef="none"/><textAnnotation id="t"/>',
            STRAIGHT + '<association id="as" sourceRef="a" targetRef="nothing"/><group id="g"/>',
            STRAIGHT.replace("<endEvent", '<x:thing xmlns:x="urn:x" id="zz"><x:deep/></x:thing><endEvent'),
        ],
    )  # fmt: skip
    def test_runs(self, inside):
        assert said(process(inside)) == []

    def test_the_namespace_of_the_draft(self):
        old = process(STRAIGHT).replace(
            "http://www.omg.org/spec/BPMN/20100524/MODEL", "http://schema.omg.org/spec/BPMN/2.0"
        )

        assert said(old) == []
        assert any("征求意见稿" in one for one in said(old, "info"))

    def test_no_start_and_no_end(self):
        assert said(process('<userTask id="a" name="甲"/>')) == []

    def test_nothing_drawn(self):
        assert "没有任何步骤" in said(process(""))[0]

    def test_is_executable_false_runs_all_the_same(self):
        assert said(process(STRAIGHT, 'isExecutable="false"')) == []


class TestFindings:
    @pytest.mark.parametrize(
        ("inside", "reason"),
        [
            ('<scriptTask id="x" name="算"><script>1</script></scriptTask>', "脚本"),
            ('<complexGateway id="x" name="算"/>', "复杂网关"),
            ('<adHocSubProcess id="x" name="算"><task id="y"/></adHocSubProcess>', "ad hoc"),
            ('<transaction id="x" name="算"><task id="y"/></transaction>', "事务"),
            ('<callActivity id="x" name="算" calledElement="elsewhere"/>', "没有发布"),
            ('<userTask id="x" name="算" y:due="soon"/>', "期限"),
            ('<userTask id="x" name="算" y:assignees="boss"/>', "办理人"),
            ('<userTask id="x" name="算" y:whatever="1"/>', "不认识"),
            ('<boundaryEvent id="x" name="算" attachedToRef="a"/>', "哪一种"),
            ('<userTask id="x" name="算"><multiInstanceLoopCharacteristics/></userTask>', "会签"),
        ],
    )
    def test_what_cannot_run_is_said_with_id_and_name(self, inside, reason):
        found = said(process(STRAIGHT + inside))

        assert any(reason in one and "算" in one and "〔x〕" in one for one in found), found

    def test_ids_used_twice(self):
        assert any("不止一次" in one for one in said(process(STRAIGHT + '<task id="a" name="乙"/>')))

    def test_a_flow_into_nowhere(self):
        assert any(
            "连线" in one for one in said(process(STRAIGHT.replace('targetRef="e"', 'targetRef="gone"')))
        )

    def test_a_step_nobody_reaches(self):
        assert any("走不到" in one for one in said(process(STRAIGHT + '<task id="x" name="乙"/>'), "warning"))

    def test_a_hostile_condition(self):
        hostile = STRAIGHT.replace(
            '<sequenceFlow id="f2" sourceRef="a" targetRef="e"/>',
            '<exclusiveGateway id="g" name="是否"/><sequenceFlow id="f2" sourceRef="a" targetRef="g"/>'
            '<sequenceFlow id="f3" sourceRef="g" targetRef="e" name="是">'
            "<conditionExpression>().__class__.__bases__[0]</conditionExpression></sequenceFlow>"
            '<sequenceFlow id="f4" sourceRef="g" targetRef="a"/>',
        )

        assert any("f3" in one for one in said(process(hostile)))

    def test_a_very_long_path_is_refused_not_crashed_upon(self):
        tasks = "".join(
            f'<task id="t{n}"/><sequenceFlow id="q{n}" sourceRef="t{n}" targetRef="t{n + 1}"/>'
            for n in range(3000)
        )

        assert any("节点" in one for one in said(process(tasks + '<task id="t3000"/>')))
