"""What is compared in a pair of rows, in which levels, and what each level is worth before any data are seen.

A level's weight is log2(m / u): m is how often it occurs among rows of one person, u among rows of different
people. Agreement on a value takes its u from how rare the value is; the other levels have a u of their own.
Conditions are SQL over the two feature rows l and r; the first that holds decides.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """One outcome of a comparison; `rarity` is SQL for the bits of the agreed value and replaces `u`."""

    name: str
    phrase: str
    condition: str
    m: float
    u: float = 1.0
    rarity: str = ""


@dataclass(frozen=True)
class Comparison:
    """Levels are numbered from 1 in their order; 0 means nothing could be compared."""

    name: str
    compared: str
    levels: tuple[Level, ...]
    learned: bool = True  # m may be learned from pairs known through their identity numbers
    implied_by_id: bool = False  # an agreeing identity number has already said it


def _differs(column: str, phrase: str, m: float) -> Level:
    return Level("different", phrase, "true", m, 0.98)


def _value(column: str, same: str, different: str, *, m: float, implied_by_id: bool = False) -> Comparison:
    """Same value or another value."""
    levels = (
        Level("same", same, f"l.{column} = r.{column}", m, rarity=f"l.r_{column}"),
        _differs(column, different, 1 - m),
    )
    return Comparison(
        column, f"l.{column} is not null and r.{column} is not null", levels, implied_by_id=implied_by_id
    )


_SAME_BODY = "l.id_cn and r.id_cn and left(l.id, 17) = left(r.id, 17)"
_NEAR = "damerau_levenshtein(l.id, r.id) <= 1 or (l.id_cn and r.id_cn and damerau_levenshtein(left(l.id, 17), left(r.id, 17)) <= 1)"
# A number raised from fifteen digits fits its check character however it was mistyped; nobody born after
# the eighteen digits came in had one, and a slip that changes the sex is a twin.
_FIFTEEN = "l.id_ok and r.id_ok and l.id_cn and l.id[7:8] = '19' and r.id[7:8] = '19' and l.id_sex = r.id_sex"

ID = Comparison(
    "id",
    "l.id is not null and r.id is not null and (l.id = r.id or (l.id_cn = r.id_cn and (l.id_cn or l.id_type = r.id_type)))",
    (
        Level("same", "证件号一致", "l.id = r.id", 0.93, rarity="l.r_id"),
        Level("same_body", "证件号前17位一致", _SAME_BODY, 0.02, rarity="least(l.r_id, r.r_id)"),
        Level("near_valid", "证件号都有效而相近", f"{_FIFTEEN} and ({_NEAR})", 0.0005, 2e-5),
        Level("different_valid", "两个有效证件号不同", "l.id_ok and r.id_ok and l.id_cn", 1e-6),
        Level("near", "证件号一处之差", _NEAR, 0.02, 1e-5),
        Level("different", "证件号不同", "true", 0.01),
    ),
    learned=False,
)

_PLAIN = "l.han and r.han and not l.lossy and not r.lossy"
_FORMER = "l.former = r.name or r.former = l.name"
_LETTERS = "l.py = r.py or l.py = r.lat or l.lat = r.py or l.lat = r.lat"
_PATTERN = "regexp_replace({}.name, '[^\\p{{Han}}]+', '%', 'g')"
_LOSSY = " or ".join(
    f"({a}.lossy and {a}.han and {b}.name like {_PATTERN.format(a)} and length({b}.name) <= length({a}.name) + 1)"
    for a, b in (("l", "r"), ("r", "l"))
)
# DuckDB's edit distances count bytes, of which a Chinese character has three.
_EQUAL_PLACES = " + ".join(f"(l.name[{n}] = r.name[{n}] and l.name[{n}] <> '')::int" for n in range(1, 5))
_ONE_CHARACTER = f"length(l.name) = length(r.name) and length(l.name) between 3 and 4 and {_EQUAL_PLACES} = length(l.name) - 1"
_SHARED = "len(list_intersect(string_split(l.name, ''), string_split(r.name, '')))"
_DISTINCT = "len(list_distinct(string_split({}.name, '')))"
_LONG = f"""least(length(l.name), length(r.name)) >= 5 and case when l.han
    then abs(length(l.name) - length(r.name)) <= 1
        and {_SHARED} >= greatest({_DISTINCT.format("l")}, {_DISTINCT.format("r")}) - 1
    else damerau_levenshtein(l.name, r.name) <= 1 end"""

NAME = Comparison(
    "name",
    "l.name is not null and r.name is not null",
    (
        Level("same", "姓名一致", "l.name = r.name and not l.lossy", 0.95, rarity="l.r_name"),
        Level("former", "曾用名一致", _FORMER, 0.2, rarity="greatest(l.r_name, r.r_name)"),
        Level(
            "lossy_same",
            "姓名缺字，其余一致",
            f"({_LOSSY}) and greatest(length(l.name), length(r.name)) > 2",
            0.9,
            1e-3,
        ),
        Level("lossy_short", "姓名缺字，余下一字一致", _LOSSY, 0.9, 0.03),
        Level(
            "letters",
            "姓名拼音一致",
            f"not (l.han and r.han) and ({_LETTERS})",
            0.6,
            rarity="coalesce(l.r_py, r.r_py)",
        ),
        Level(
            "letters_lossy",
            "姓名缺字，拼音一致",
            f"(l.lossy or r.lossy) and ({_LETTERS})",
            0.6,
            rarity="least(l.r_py, r.r_py)",
        ),
        Level("homophone", "姓名同音", f"{_PLAIN} and l.py = r.py", 0.006, rarity="least(l.r_py, r.r_py)"),
        Level("one_letter", "姓名一处之差", f"l.han = r.han and {_LONG}", 0.01, 2e-5),
        Level("one_character", "姓名一字之差", f"{_PLAIN} and {_ONE_CHARACTER}", 0.004, 0.004),
        Level("scripts", "姓名一中一西", "l.han <> r.han", 0.3, 0.95),
        Level("surname", "只有姓一致", "l.han and r.han and left(l.name, 1) = left(r.name, 1)", 0.003, 0.04),
        Level("different", "姓名不同", "true", 0.0015, 0.95),
    ),
    learned=False,
)

_DIGITS = "damerau_levenshtein(strftime(l.birth, '%Y%m%d'), strftime(r.birth, '%Y%m%d')) <= 1"
_SWAPPED = "year(l.birth) = year(r.birth) and month(l.birth) = day(r.birth) and day(l.birth) = month(r.birth)"

BIRTH = Comparison(
    "birth",
    "l.month is not null and r.month is not null",
    (
        Level("same", "出生日期一致", "l.birth = r.birth", 0.97, rarity="l.r_birth"),
        Level(
            "month",
            "出生年月一致",
            "(l.birth is null or r.birth is null) and l.month = r.month",
            0.97,
            rarity="l.r_month",
        ),
        Level(
            "near",
            "出生日期一处之差",
            f"l.birth is not null and r.birth is not null and ({_DIGITS} or {_SWAPPED})",
            0.01,
            0.01,
        ),
        Level("different", "出生日期不同", "true", 0.01, 0.99),
    ),
    implied_by_id=True,
)

SEX = Comparison(
    "sex",
    "l.sex_known is not null and r.sex_known is not null",
    (
        Level("same", "性别一致", "l.sex_known = r.sex_known", 0.985, 0.5),
        Level("different", "性别不同", "true", 0.015, 0.5),
    ),
    implied_by_id=True,
)

UG = Comparison(
    "ug",
    "coalesce(l.ug, l.ug_before) is not null and coalesce(r.ug, r.ug_before) is not null",
    (
        Level("same", "本科学号一致", "l.ug = r.ug", 0.95, rarity="l.r_ug"),
        Level(
            "before",
            "原学号一致",
            "l.ug_before = r.ug or l.ug = r.ug_before or l.ug_before = r.ug_before",
            0.95,
            rarity="coalesce(l.r_ug, r.r_ug)",
        ),
        Level("near", "本科学号一处之差", "damerau_levenshtein(l.ug, r.ug) <= 1", 0.01, 0.005),
        _differs("ug", "本科学号不同", 0.03),
    ),
)

PHONE = Comparison(
    "phone",
    "coalesce(l.phone, l.home) is not null and coalesce(r.phone, r.home) is not null",
    (
        Level("same", "电话一致", "l.phone = r.phone", 0.7, rarity="l.r_phone"),
        Level("family", "家庭电话一致", "l.phone = r.home or l.home = r.phone or l.home = r.home", 0.1, 5e-4),
        Level("different", "电话不同", "l.phone is not null and r.phone is not null", 0.3, 0.98),
    ),
)

# A student of one college may become a graduate student, a teacher or an alumnus of another.
ORG = Comparison(
    "org",
    "l.org is not null and r.org is not null",
    (
        Level("same", "单位一致", "l.org = r.org", 0.8, rarity="l.r_org"),
        Level("other_capacity", "不同身份的单位不同", "l.role is distinct from r.role", 0.4, 0.9),
        Level("different", "单位不同", "true", 0.1, 0.9),
    ),
)

COMPARISONS: tuple[Comparison, ...] = (
    ID,
    NAME,
    BIRTH,
    SEX,
    UG,
    _value("staff", "工号一致", "工号不同", m=0.97),
    _value("grad", "研究生学号一致", "研究生学号不同", m=0.85),
    _value("other", "其他编号一致", "其他编号不同", m=0.7),
    _value("exam", "考生号一致", "考生号不同", m=0.97),
    _value("card", "卡号一致", "卡号不同", m=0.6),
    _value("payee", "收款人编号一致", "收款人编号不同", m=0.6),
    PHONE,
    _value("email", "邮箱一致", "邮箱不同", m=0.7),
    _value("bank", "银行账号一致", "银行账号不同", m=0.7),
    _value("dorm", "床位一致", "床位不同", m=0.8),
    ORG,
    _value("native", "籍贯一致", "籍贯不同", m=0.85, implied_by_id=True),
    _value("ethnic", "民族一致", "民族不同", m=0.98),
)

# What brothers and sisters share tells them apart no more than the family name does.
# An identity number next to another is what twins have, so it must agree whole.
KEYS_OF_ONE_PERSON = ("id", "ug", "staff", "grad", "other", "exam", "card", "payee", "email", "bank")


def code(comparison: Comparison, level: str) -> int:
    """The number under which a level is stored."""
    return 1 + [each.name for each in comparison.levels].index(level)
