"""The ways a run can end early, each with one line that says what to do."""


class WinbackError(Exception):
    """The data or the world is not as needed; the command ends with exit code 1.

    The message is one line: which file, which row or column, what was found, what was
    expected, what to do. It never holds an e-mail address or a person's name.
    """


class EmptyTable(WinbackError):
    """A file has a header but no row, which for signals is a day without any."""


class UsageError(WinbackError):
    """The command or a parameter is wrong; the command ends with exit code 2."""
