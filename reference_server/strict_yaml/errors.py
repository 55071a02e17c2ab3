"""The one error of a wrong configuration."""


class ConfigError(Exception):
    """Something in the configuration is wrong: at `path` (as in `models.tts-1.provider`), with `problem` and `hint`."""

    def __init__(self, path: str, problem: str, hint: str) -> None:
        super().__init__(f"{path}: {problem} {hint}" if path else f"{problem} {hint}")
        self.path = path
        self.problem = problem
        self.hint = hint
