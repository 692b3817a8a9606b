"""What is told to the caller as a value; every other exception is a fault of the grading itself."""


class Refused(Exception):
    """The data, or the scorer, do not allow what is asked; the text ends a sentence and holds no cell of the target."""


class Unusable(Exception):
    """What a script predicted cannot be scored; `reason` is the node's failure reason.

    The text may speak of predictions and columns, never of labels: it ends up in prompts.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
