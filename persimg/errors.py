"""The one error that users see."""


class UserError(Exception):
    """Something that the user can mend; the command line prints it as one line, without a traceback.

    what: where it happened, what was found and what is allowed; mend: what to do about it.
    exit_code: 2 for usage, 3 for bad data.
    """

    def __init__(self, what: str, mend: str = "", exit_code: int = 2):
        self.what, self.mend, self.exit_code = what, mend, exit_code
        super().__init__(" ".join((f"{what}; {mend}" if mend else what).split()))
