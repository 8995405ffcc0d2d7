"""The rows departments would keep of invented people, with the truth of who is who. `dirt` scales every defect."""

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from population import HOMOPHONES, RARE, SIMILAR, UNITS, YOUNG, Human, Population, checked, is_checked, pinyin
from truth import Roster, Row, groups_of

from yanta.hub.schema import CLEAN


class School(Population):
    """People, and the departments that write them down."""

    def __init__(self, seed: int, dirt: float) -> None:
        super().__init__(seed, dirt)
        self.rows: list[Row] = []
        self.truth: list[int] = []
        self.old_cards: list[str] = []

    @property
    def count(self) -> int:
        """Rows written so far."""
        return len(self.rows)

    def write(self, human: Human, source: str, **known: Any) -> None:
        row: Row = {
            "source": source,
            "file": source,
            "sheet": "",
            "org_code": human.unit,
            **self._named(human, source),
            **known,
        }
        row["sex"] = None if self.bad(0.03) else self._other_sex(human) if self.bad(0.003) else human.sex
        if self.bad(0.02):
            row["org_code"] = self.random.choice((None, *UNITS))
        row = {key: value or None for key, value in row.items()}
        self._append(human, row)
        if self.bad(0.005):
            self._append(human, dict(row))

    @staticmethod
    def _other_sex(human: Human) -> str:
        return "1" if human.sex == "2" else "2"

    def _append(self, human: Human, row: Row) -> None:
        self.rows.append(row | {"row_id": self.count + 1, "row": self.count + 1})
        self.truth.append(human.key)

    def _named(self, human: Human, source: str) -> Row:
        """The name as this department has it."""
        r, name, lossy = self.random, human.name, False
        if human.former and self.bad(0.12):
            name = human.former
        rare = next((c for c in name if c in RARE), "")
        if rare and self.bad(0.2):
            name, lossy = name.replace(rare, r.choice(("?", pinyin(rare), "□"))), True
        elif self.bad(0.004) and human.id_type == "1":
            swaps = {**SIMILAR} if self.chance(0.5) else {**HOMOPHONES}
            name = name[0] + "".join(swaps.get(c, c) for c in name[1:])
        elif self.bad(0.001) and len(name) == 3:
            name = name[:2] + r.choice(YOUNG)
        if human.id_type == "A" and self.chance(0.3):
            name = " ".join(reversed(name.split()))
        latin = human.latin
        if source in ("graduate", "research") and human.id_type == "1":
            letters = [pinyin(human.name[:1]), pinyin(human.name[1:])]
            latin = " ".join(letters if self.chance(0.7) else reversed(letters)).title()
        key = name.replace("·", "").replace(" ", "").upper()
        return {
            "name": name,
            "name_key": key,
            "name_lossy": lossy,
            "latin_name": latin,
            "name_pinyin": pinyin(name).replace("?", "").replace("□", "").replace("·", ""),
            "former_name": human.former if source == "personnel" or self.chance(0.05) else None,
        }

    def id_card(self, human: Human, *, held: float) -> Row:
        """The identity number as typed."""
        if not self.chance(held):
            return {}
        number = human.id_no
        if human.id_type == "1":
            number = self._typed(number)
        row: Row = {
            "id_no": number,
            "id_type": human.id_type,
            "id_valid": human.id_type != "1" or is_checked(number),
        }
        if human.id_type == "1":
            row |= self._inside(number)
        return row

    def _typed(self, number: str) -> str:
        r = self.random
        if self.bad(0.006):
            at = r.randrange(6, 16)
            return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        if self.bad(0.005):
            at = r.randrange(6, 18)
            return number[:at] + str(r.randrange(10)) + number[at + 1 :]
        if number[6:8] == "19" and self.bad(
            0.003
        ):  # a 15-digit number typed wrongly is raised without notice
            at = r.randrange(8, 16)
            return checked(number[:at] + number[at + 1] + number[at] + number[at + 2 : 17])
        return number

    @staticmethod
    def _inside(number: str) -> Row:
        try:
            born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
        except ValueError:
            return {"id_valid": False}
        return {"id_birth_on": born, "id_sex": "1" if int(number[16]) % 2 else "2"}

    def born(self, human: Human, *, held: float, day: float = 0.85) -> Row:
        """The birth date as typed: a day, a month, a slip, nothing."""
        if not self.chance(held):
            return {}
        on = human.birth
        if self.bad(0.003):
            on += timedelta(days=self.random.choice((1, -1, 9, 30, 365)))
        month = f"{on:%Y-%m}"
        return {"birth_on": on, "birth_month": month} if self.chance(day) else {"birth_month": month}

    def reached(self, human: Human, *, held: float) -> Row:
        """A telephone: the own one, an old one, a parent's, the office's."""
        if not self.chance(held):
            return {}
        if self.bad(0.06):
            return {"phone": self.phone()}
        if self.bad(0.02):
            return {"phone": human.home}
        if self.bad(0.01):
            return {"phone": self.random.choice(self.switchboards)}
        return {"phone": human.phone}

    def maybe(self, key: str, value: str | None, held: float) -> Row:
        return {key: value} if value and self.chance(held) else {}

    def card(self, human: Human, number: Row) -> None:
        reuse = self.old_cards and self.bad(0.02)
        card = self.old_cards.pop() if reuse else f"{100000 + self.next_of('card')}"
        if self.chance(0.05):
            self.old_cards.append(card)
        self.write(
            human,
            "card",
            card_no=card,
            **number,
            **self.id_card(human, held=0.6),
            **self.reached(human, held=0.5),
        )

    def library(self, human: Human, number: Row) -> None:
        self.write(
            human, "library", **number, **self.id_card(human, held=0.4), **self.reached(human, held=0.5)
        )

    def finance(self, human: Human, number: Row) -> None:
        self.write(
            human,
            "finance",
            payee_no=str(10000 + self.next_of("payee")),
            **number,
            **self.id_card(human, held=0.85),
            **self.maybe("bank_account", human.bank, 0.95),
            **self.reached(human, held=0.7),
        )


def _undergraduate(school: School, human: Human, *, year: int, here: bool) -> None:
    r = school.random
    number = f"{year}{human.unit[1:3]}{school.next_of(f'ug{year}{human.unit}'):05d}"
    exam = f"{year % 100}61{r.randrange(10**10):010d}"
    before = human.numbers.get("ug")
    human.numbers["ug"] = number
    bed = f"1-{r.randrange(20):02d}-A-{r.randrange(600)}-{r.randrange(6)}"
    if here:
        _enrolled(school, human, number=number, exam=exam, before=before, bed=bed)


def _enrolled(school: School, human: Human, *, number: str, exam: str, before: str | None, bed: str) -> None:
    """What seven departments write of an undergraduate."""

    def own(held: float) -> Row:
        return school.maybe("ug_no", number, held)

    native = {"native_place": human.id_no[:6]} if human.id_type == "1" else {}
    school.write(
        human,
        "academic",
        ug_no=number,
        exam_no=exam,
        ethnic=human.ethnic,
        **native,
        **school.id_card(human, held=0.97),
        **school.born(human, held=0.97),
        former_ug_no=before,
    )
    school.write(
        human,
        "student_affairs",
        **own(0.99),
        **school.id_card(human, held=0.5),
        **school.born(human, held=0.8),
        **school.reached(human, held=0.95),
        home_phone=human.home,
        **school.maybe("email", human.email, 0.7),
        **school.maybe("bank_account", human.bank, 0.7),
        ethnic=human.ethnic,
        **native,
        dorm_bed=bed,
    )
    _served(school, human, number=number, bed=bed)
    if school.chance(0.25):
        school.write(
            human,
            "admissions",
            exam_no=exam,
            **school.id_card(human, held=0.98),
            **school.born(human, held=0.98),
            **school.reached(human, held=0.6),
            ethnic=human.ethnic,
            **native,
        )


def _served(school: School, human: Human, *, number: str, bed: str) -> None:
    """Card, library, dormitory, and often finance."""

    def own(held: float) -> Row:
        return school.maybe("ug_no", number, held)

    school.card(human, own(0.98))
    school.library(human, own(0.97))
    school.write(
        human,
        "dormitory",
        **own(0.93),
        **school.reached(human, held=0.7),
        **school.maybe("dorm_bed", bed, 0.9),
    )
    if school.chance(0.6):
        school.finance(human, own(0.85))


def _graduate(school: School, human: Human, *, year: int) -> None:
    number = f"S{year}{school.next_of(f'gr{year}'):05d}"
    own = {"grad_no": number}
    school.write(
        human,
        "graduate",
        **own,
        former_ug_no=human.numbers.get("ug"),
        **school.id_card(human, held=0.97),
        **school.born(human, held=0.97, day=0.95),
        **school.reached(human, held=0.95),
        **school.maybe("email", human.email, 0.8),
        ethnic=human.ethnic,
    )
    school.card(human, own)
    school.library(human, own if school.chance(0.95) else {})
    if school.chance(0.7):
        school.finance(human, own if school.chance(0.85) else {})
    if school.chance(0.6):
        school.write(
            human, "dormitory", **school.maybe("grad_no", number, 0.93), **school.reached(human, held=0.7)
        )


def _staff(school: School, human: Human, *, retired: bool) -> None:
    number = f"{school.next_of('staff'):05d}"

    def own(held: float) -> Row:
        return school.maybe("staff_no", number, held)

    school.write(
        human,
        "personnel",
        staff_no=number,
        **school.id_card(human, held=0.98),
        **school.born(human, held=0.98),
        **school.reached(human, held=0.9),
        ethnic=human.ethnic,
    )
    school.card(human, own(0.98))
    school.library(human, own(0.97))
    school.finance(human, own(0.9))
    if not retired and school.chance(0.5):
        school.write(
            human,
            "research",
            **own(0.93),
            **school.born(human, held=0.85, day=0.4),
            **school.reached(human, held=0.8),
            **school.maybe("email", human.email, 0.8),
        )


def _alumnus(school: School, human: Human) -> None:
    number = human.numbers.get("ug")
    if number and school.bad(0.05):
        number = number[:-1] + str(school.random.randrange(10))
    school.write(
        human,
        "alumni",
        **school.maybe("ug_no", number, 0.45),
        **school.id_card(human, held=0.3),
        **school.born(human, held=0.93, day=0.75),
        **school.reached(human, held=0.95),
        **school.maybe("email", human.email, 0.6),
    )


def _live(school: School) -> None:
    """One person's way through the university."""
    kind = school.random.random()
    if kind < 0.5:
        _young(school)
        return
    way = _scholar if kind < 0.66 else _servant if kind < 0.86 else _former
    human = way(school)
    if kind >= 0.8 or school.chance(0.2):
        _alumnus(school, human)


def _young(school: School) -> None:
    human = school.human(born=(2003, 2007))
    _undergraduate(school, human, year=human.birth.year + 18, here=True)
    if school.bad(0.02):  # changes the programme and gets another number
        human.unit = school.random.choice(UNITS)
        _undergraduate(school, human, year=human.birth.year + 19, here=True)


def _scholar(school: School) -> Human:
    human = school.human(born=(1996, 2002))
    _undergraduate(school, human, year=human.birth.year + 18, here=False)
    if school.chance(0.5):
        human.numbers.clear()
    _graduate(school, human, year=human.birth.year + 22)
    return human


def _servant(school: School) -> Human:
    human = school.human(born=(1950, 1992))
    if school.chance(0.15):
        _graduate(school, human, year=2022)
    _staff(school, human, retired=human.birth.year < 1963)
    return human


def _former(school: School) -> Human:
    human = school.human(born=(1960, 1998))
    _undergraduate(school, human, year=human.birth.year + 18, here=False)
    if school.chance(0.15):
        _staff(school, human, retired=False)
    return human


def roster(*, records: int, seed: int = 7, dirt: float = 1.0) -> Roster:
    """About as many rows as asked for, in no order of persons."""
    school = School(seed, dirt)
    while school.count < records:
        _live(school)
    order = list(range(len(school.rows)))
    school.random.shuffle(order)
    rows = [school.rows[i] for i in order][:records]
    person = [school.truth[i] for i in order][:records]
    schema = pa.schema([f for f in CLEAN if f.name != "issues"])
    return Roster(pa.Table.from_pylist(rows, schema=schema), person, groups_of(rows, person))
