import pytest

from yanta.timetabling.errors import FormatError
from yanta.timetabling.itc2007.instance import Lecture, parse, read_solution, write_solution

from .examples import TOY


class TestReading:
    def test_takes_every_part(self) -> None:
        toy = parse(TOY)

        assert (toy.name, toy.days, toy.periods_per_day, toy.periods) == ("Toy", 2, 3, 6)
        assert [course.name for course in toy.courses] == ["Algebra", "Physics", "Ethics"]
        assert toy.curricula == ((0, 1), (0, 2))
        assert toy.forbidden == {(2, 5)}

    def test_courses_clash_by_teacher_and_by_curriculum(self) -> None:
        assert parse(TOY).clashes() == {(0, 1), (0, 2)}

    def test_refuses_a_header_that_promises_more(self) -> None:
        with pytest.raises(FormatError, match="Rooms: 3 are announced, 2 follow"):
            parse(TOY.replace("Rooms: 2", "Rooms: 3"))

    def test_refuses_a_curriculum_of_unknown_courses(self) -> None:
        with pytest.raises(FormatError, match="Latin"):
            parse(TOY.replace("q1 2 Algebra Physics", "q1 2 Algebra Latin"))


class TestSolutions:
    def test_come_back_as_they_were_written(self) -> None:
        toy = parse(TOY)
        lectures = [Lecture(0, 0, 0), Lecture(0, 1, 4), Lecture(2, 1, 2)]

        text = write_solution(toy, lectures)

        assert text == "Algebra big 0 0\nAlgebra small 1 1\nEthics small 0 2\n"
        assert read_solution(toy, text.splitlines()) == lectures

    def test_refuse_what_the_instance_does_not_know(self) -> None:
        with pytest.raises(FormatError, match="Latin"):
            read_solution(parse(TOY), ["Latin big 0 0"])
        with pytest.raises(FormatError, match="no such period"):
            read_solution(parse(TOY), ["Algebra big 7 0"])
