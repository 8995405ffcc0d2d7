"""What the engine refuses to go on with."""


class FormatError(ValueError):
    """A file is not what its format promises; the text says what is wrong."""


class SearchDiedError(RuntimeError):
    """The processes of a search ended without an answer."""


class ImpossibleError(ValueError):
    """No timetable can be, whatever the search does; names the lessons that have no place at all."""

    def __init__(self, message: str, lessons: list[str]) -> None:
        super().__init__(message)
        self.lessons = lessons
