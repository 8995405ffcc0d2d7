"""What the engine refuses to go on with."""


class FormatError(ValueError):
    """A file is not what its format promises; the text says what is wrong."""


class SearchDiedError(RuntimeError):
    """The processes of a search ended without an answer."""
