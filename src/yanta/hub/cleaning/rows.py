"""Clean person rows from raw text: one set expression for a whole run, in Ibis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis
from ibis import ir
from ibis.backends.duckdb import Backend

from yanta.hub.cleaning import identity, names, roles, verdicts
from yanta.hub.cleaning.issues import QUOTED, issues_of
from yanta.hub.cleaning.texts import bare_column, tidy_column
from yanta.hub.cleaning.translations import JOINT, divisions_table, translate, translations
from yanta.hub.cleaning.vocabulary import Vocabulary
from yanta.hub.intake.elements import RAW_NAMES
from yanta.hub.schema import CLEAN

_BARE = (
    *("staff_no", "student_no", "person_no", "former_student_no", "id_no", "phone", "home_phone"),
    *("card_no", "payee_no", "exam_no", "bank_account"),
)


@ibis.udf.scalar.builtin(name="md5_number_lower")
def _digest(text: str) -> int:  # type: ignore[empty-body]  # the engine has the body
    """Half of the MD5 as a number."""


@dataclass(frozen=True)
class Cleaned:
    """Tables of one cleaning: every line with its verdict, and the clean rows."""

    judged: ir.Table
    clean: ir.Table


def clean_rows(
    backend: Backend, raw: ir.Table, vocabulary: Vocabulary, *, on: date | None = None, prefix: str = "clean"
) -> Cleaned:
    """Judge every line and clean the rows that are data; `on` is the day of the data, else its latest."""
    base = _kept(backend, _base(_kept(backend, _tidied(raw), f"{prefix}_tidy")), f"{prefix}_base")
    data = base.filter(base.skip_kind.isnull())
    *dictionaries, pinyin = translations(vocabulary)
    read = _kept(backend, _named(translate(backend, data, dictionaries, prefix=prefix)), f"{prefix}_read")
    divisions = divisions_table(backend, vocabulary, prefix=prefix)
    identified = _identified(read, divisions, on or _latest(read), _staff_width(read))
    known = _kept(backend, identified, f"{prefix}_id")
    spoken = translate(backend, known, [pinyin], prefix=prefix)
    done = _kept(backend, spoken.mutate(reason=verdicts.quarantine_reason(spoken)), f"{prefix}_done")
    judged = base.left_join(done.select("row_id", "reason"), "row_id").select(
        "row_id", "file", "sheet", "row", "source", "line", "skip_kind", "reason"
    )
    accepted = _kept(backend, _valued(done), f"{prefix}_valued")
    return Cleaned(
        _kept(backend, judged, f"{prefix}_judged"), _kept(backend, _clean(accepted), f"{prefix}_rows")
    )


def _kept(backend: Backend, expression: ir.Table, name: str) -> ir.Table:
    return backend.create_table(name, expression, temp=True, overwrite=True)


def _tidied(raw: ir.Table) -> ir.Table:
    """Every raw element as tidy text, and the row's id."""
    key = raw.source + "|" + raw.file + "|" + raw.sheet + "|" + raw.row.cast("string")
    done = [f"raw_{name}" for name in RAW_NAMES if name not in QUOTED]
    tidy = {f"tidy_{name}": tidy_column(raw[f"raw_{name}"]) for name in RAW_NAMES}
    return raw.mutate(row_id=_row_id(key), **tidy).drop(*done)


def _base(t: ir.Table) -> ir.Table:
    """Identifiers without blanks, and whether the line is data at all."""
    bare = {name: bare_column(t[f"tidy_{name}"]) for name in _BARE}
    place = (
        ibis.coalesce(t.place_campus, "")
        + JOINT
        + _dorm_text(t)
        + JOINT
        + ibis.coalesce(t.tidy_dorm_bed_no, "")
    )
    housed = (t.source == "dormitory") & t.tidy_dorm_place.notnull()
    return t.mutate(
        **{f"bare_{name}": value for name, value in bare.items()},
        bare_number=ibis.coalesce(bare["staff_no"], bare["student_no"], bare["person_no"]),
        bed_text=ibis.ifelse(housed, place, ibis.null("string")),
        skip_kind=verdicts.skip_kind(t),
    )


def _dorm_text(table: ir.Table) -> ir.StringValue:
    return ibis.coalesce(table.tidy_dorm_building, "") + table.tidy_dorm_place


def _row_id(key: ir.StringValue) -> ir.IntegerValue:
    return (_digest(key).cast("uint64") // 2).cast("int64")


def _latest(read: ir.Table) -> date:
    """The day of the data: when its last row was recorded, wild years aside."""
    found = read.filter(read.recorded_day < date(2090, 1, 1)).recorded_day.max().to_pyarrow().as_py()
    return found or date(2100, 1, 1)


def _named(t: ir.Table) -> ir.Table:
    number = identity.lengthen_column(t.bare_id_no.re_replace("-", ""))
    return t.mutate(name=names.written_name(t.tidy_name), id_text=number, role=roles.role_of(t))


def _identified(t: ir.Table, divisions: ir.Table, day: date, width: int) -> ir.Table:
    """The identity number's verdict, the person's numbers and whether the capacity lasts."""
    joined = t.left_join(divisions, t.id_text.substr(0, 6) == divisions.division)
    mainland = identity.is_mainland(t.id_text)
    fault = ibis.cases(
        (t.id_text.isnull(), ibis.null("string")),
        (mainland, identity.fault_in(t.id_text, divisions.division.notnull())),
        (t.id_text.re_search(identity.PLACEHOLDER), "id_placeholder"),
        (t.code_id_type == "1", "id_bad_form"),
        (t.id_text.re_search(identity.FOREIGN), ibis.null("string")),
        else_="id_bad_form",
    )
    over = ibis.coalesce(t.tidy_status, "").re_search(roles.ENDED) | (ibis.coalesce(t.expires_day, day) < day)
    gone = t.role.isin(["left", "alumnus", "not_registered"])
    numbers = roles.numbers_of(t, staff_width=width)
    return joined.select(
        *t.columns, id_fault=fault, id_mainland=mainland, is_current=~(over | gone), **numbers
    )


def _staff_width(t: ir.Table) -> int:
    """How long staff numbers with leading zeros are in this school; 0 if it has none."""
    zeros = t.filter(t.bare_number.re_search(r"^0\d{2,}$") & t.role.isin(["staff", "retired"]))
    top = (
        zeros.group_by(size=zeros.bare_number.length()).agg(n=ibis._.count()).order_by(ibis.desc("n"), "size")
    )
    found = top.limit(1).to_pyarrow()["size"].to_pylist()
    return int(found[0]) if found else 0


def _valued(t: ir.Table) -> ir.Table:
    accepted = t.filter(t.reason.isnull()).drop("reason")
    return accepted.mutate(**_values(accepted))


def _clean(t: ir.Table) -> ir.Table:
    """The columns of the contract, from the stages before."""
    window = ibis.window(group_by=[t.source, t.file, t.line_key], order_by=[t.sheet, t.row])
    first = t.row_id.first().over(window)
    accepted = t.mutate(
        duplicate_of=ibis.ifelse(first == t.row_id, ibis.null("int64"), first),
        is_weak=_is_weak(t),
        population=roles.population_of(t.role, ~t.is_current & ~_withdrawn(t)),
        issues=issues_of(t),
    )
    target = ibis.Schema.from_pyarrow(CLEAN)
    return accepted.select(**{name: accepted[name].cast(kind) for name, kind in target.items()})


def _withdrawn(t: ir.Table) -> ir.BooleanValue:
    return ibis.coalesce(t.tidy_status, "").re_search(roles.WITHDRAWN)


def _is_weak(t: ir.Table) -> ir.BooleanValue:
    numbers = (t.staff_no, t.ug_no, t.grad_no, t.former_ug_no, t.exam_no, t.other_no)
    has_number = ibis.coalesce(*numbers).notnull()
    return ~(has_number | (t.id_valid & t.id_no.notnull()) | t.phone.notnull() | t.birth_on.notnull())


def _values(t: ir.Table) -> dict[str, ir.Value]:
    return {**_personal(t), **_contact(t), **_study(t)}


def _null() -> ir.StringValue:
    return ibis.null("string")


def _personal(t: ir.Table) -> dict[str, ir.Value]:
    given = ibis.cases(
        (t.code_id_type == "67", ibis.ifelse(t.id_text.startswith("M"), "7", "6")), else_=t.code_id_type
    )
    return {
        "name_key": names.name_key(t.name),
        "name_lossy": names.name_is_lossy(t.name),
        "former_name": names.written_name(t.tidy_former_name),
        "latin_name": t.tidy_latin_name,
        "sex": t.code_sex,
        "birth_on": t.birth_day,
        "birth_month": t.birth_month,
        "id_no": ibis.ifelse(t.id_fault.isin(["id_placeholder"]), _null(), t.id_text),
        "id_type": ibis.coalesce(given, ibis.ifelse(t.id_mainland, "1", _null())),
        "id_valid": t.id_text.notnull() & t.id_fault.isnull(),
        "id_birth_on": identity.birth_in(t.id_text),
        "id_sex": identity.sex_in(t.id_text),
        "nationality": t.code_nationality,
        # "Other" of a passport holder means that the question does not arise.
        "ethnic": ibis.ifelse((t.code_id_type == "A").fill_null(False), _null(), t.code_ethnic),
        "political": t.code_political,
        "native_place": t.code_native_place,
    }


def _contact(t: ir.Table) -> dict[str, ir.Value]:
    mail = t.tidy_email.lower().re_replace(r"\s", "")
    account = t.bare_bank_account.re_replace(r"[^0-9]", "")
    home = t.bare_home_phone.re_replace(r"[-()]", "").re_extract(r"(1[3-9]\d{9}|0\d{9,11}|^\d{7,8}$)", 1)
    return {
        "phone": mobile_in(t.bare_phone),
        "home_phone": home.nullif(""),
        "email": ibis.ifelse(mail.re_search(r"^[\w.+-]+@[\w-]+(\.[\w-]+)+$"), mail, _null()),
        "address": t.tidy_address,
        "bank_account": ibis.ifelse(account.re_search(r"^\d{12,21}$"), account, _null()),
        "org_code": ibis.coalesce(t.code_org_code, t.code_org_name, t.code_sub_org, t.place_unit),
        "org_name": ibis.coalesce(t.tidy_org_name, t.tidy_org_code),
        "card_no": t.bare_card_no,
        "payee_no": t.bare_payee_no,
        "former_ug_no": ibis.ifelse(
            t.bare_former_student_no.re_search(r"^\d{6,10}$"), t.bare_former_student_no, _null()
        ),
        "exam_no": ibis.ifelse(t.bare_exam_no.re_search(r"^\d{14}$"), t.bare_exam_no, _null()),
        "dorm_bed": t.code_bed,
    }


def mobile_in(text: ir.StringValue) -> ir.StringValue:
    """The first eleven-digit mobile number in the text, without country code and separators."""
    digits = text.re_replace(r"[-()+.]", "").re_replace(r"^(0086|86)(1[3-9]\d{9})", r"\2")
    return digits.re_extract(r"(^|\D)(1[3-9]\d{9})(\D|$)", 2).nullif("")


def _study(t: ir.Table) -> dict[str, ir.Value]:
    level = ibis.cases(
        (ibis.coalesce(t.tidy_level, t.tidy_category, t.place_level).re_search("博"), "博士"),
        (ibis.coalesce(t.tidy_level, t.tidy_category, t.place_level).re_search("硕"), "硕士"),
        (t.grad_no.startswith("B"), "博士"),
        (t.grad_no.startswith("S"), "硕士"),
        (t.role == "undergraduate", "本科"),
        else_=_null(),
    )
    named_entry = t.tidy_leave.re_search("级").fill_null(False)
    ended = ibis.ifelse(~t.is_current & (t.expires_year < 2090), t.expires_year, ibis.null("int32"))
    noted = t.tidy_remark.re_extract(r"((19|20)\d\d)年(调出|辞职|退休|离职|毕业)", 1).try_cast("int32")
    return {
        "major_code": _major(t),
        "major_name": ibis.coalesce(
            t.tidy_major_name, ibis.ifelse(t.source == "alumni", t.tidy_org_name, _null())
        ),
        "title_code": t.code_title,
        "class_name": t.tidy_class_name,
        "level": level,
        "grade_year": t.grade_year_year,
        "entry_on": ibis.coalesce(t.entry_day, (t.entry_month + "-01").try_cast("date")),
        "entry_year": ibis.coalesce(
            t.entry_year, ibis.ifelse(named_entry, t.leave_year, ibis.null("int32")), t.grade_year_year
        ),
        "leave_year": ibis.coalesce(ibis.ifelse(named_entry, ibis.null("int32"), t.leave_year), noted, ended),
        "recorded_on": t.recorded_day,
        "status": t.tidy_status,
    }


def _major(t: ir.Table) -> ir.StringValue:
    """Four digits are a graduate subject for graduates, the school's own number of a programme for others."""
    own = ibis.ifelse(t.tidy_major_code.re_search(r"^\d{4}$"), t.tidy_major_code, _null())
    graduate = ibis.coalesce(own, ibis.ifelse(t.code_major_name.length() == 4, t.code_major_name, _null()))
    return ibis.ifelse(t.role == "graduate", graduate, ibis.coalesce(t.code_major_code, t.code_major_name))
