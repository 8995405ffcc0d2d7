import pytest

from yanta.kernel.base import Actor, Grant
from yanta.kernel.codes import service
from yanta.kernel.codes.models import Code, CodeSet


@pytest.fixture(autouse=True)
def _fresh_tables():
    """What one test put into the database must not be remembered by the next."""
    service.forget()
    yield
    service.forget()


@pytest.fixture
def engineer():
    from yanta.kernel.access import roles

    grant = Grant("engineer", "工程师", "school", roles.permissions_of("engineer"))
    return Actor(1, None, "王工", grants=(grant,))


@pytest.fixture
def reviewer(engineer):
    return Actor(2, None, "李工", grants=engineer.grants)


@pytest.fixture
def teacher():
    from yanta.kernel.access import roles

    return Actor(
        3, None, "赵老师", grants=(Grant("teacher", "教师", "own", roles.permissions_of("teacher")),)
    )


@pytest.fixture
def sexes(db):
    """The set of sexes as a school would have it in its database."""
    code_set = CodeSet.objects.create(
        set_id="GBT2261_1_XB",
        title="人的性别代码",
        standard="GB/T 2261.1-2003",
        family="GBT2261_1_XB",
        domain="公共",
    )
    names = {"0": "未知的性别", "1": "男性", "2": "女性", "9": "未说明的性别"}
    Code.objects.bulk_create(
        Code(code_set=code_set, code=code, name=name, position=position, origin="standard")
        for position, (code, name) in enumerate(names.items())
    )
    return code_set


@pytest.fixture
def nobody_special():
    """Signed in, without any role."""
    return Actor(4, None, "访客")
