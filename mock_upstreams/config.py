"""The mock's configuration: one YAML file, strictly checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import yaml
from msgspec import Meta

from mock_upstreams.errors import InvalidConfiguration, Mismatch
from mock_upstreams.models import Named, Registration
from mock_upstreams.scripts import Script
from mock_upstreams.validation import convert

Positive = Annotated[int, Meta(ge=1)]
NonEmpty = Annotated[str, Meta(min_length=1)]


class JournalSettings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How much the journal keeps."""

    calls: Positive = 10_000
    upload_mb: Positive = 256
    text_mb: Positive = 64


class Settings(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Everything that can be configured; each default is what a mock without a file does.

    `keys`: the providers' keys to let in; none means any that is not empty. `models` and `deployments`: names to
    know beside OpenAI's own models, as a list or with the operations of each. `transcripts`: what is said in the
    uploads of these file names or SHA-256 digests. `cache_mb`: how much is kept of speech and of what
    was recognized. `threads` synthesize and transcribe.
    """

    strict: bool = False
    keys: list[NonEmpty] = []
    models: Named = []
    deployments: Named = []
    scripts: list[Script] = []
    transcripts: dict[NonEmpty, str] = {}
    journal: JournalSettings = JournalSettings()
    cache_mb: Annotated[int, Meta(ge=0)] = 64
    threads: Annotated[int, Meta(ge=1, le=64)] = 2

    @property
    def registration(self) -> Registration:
        """The names to know."""
        return Registration(self.models, self.deployments)


def read_settings(path: Path) -> Settings:
    """Returns the settings in a YAML file. Raises InvalidConfiguration: the file, the place in it, what is allowed."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidConfiguration(f"{path}: cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InvalidConfiguration(f"{path}: is no YAML: {error}") from error
    try:
        return convert({} if document is None else document, Settings)
    except Mismatch as error:
        raise InvalidConfiguration(f"{path}: {error.message}", hint=error.hint) from error
