"""`audio-conformance schema`: what it prints is a JSON Schema, and the files it describes keep to it."""

import json
from typing import Any

import jsonschema
import pytest
import yaml

from conformance.cli import main
from tests.servers import CHECKOUT


def printed(name: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["schema", name]) == 0
    schema: dict[str, Any] = json.loads(capsys.readouterr().out)
    return schema


@pytest.mark.parametrize("name", ["report", "target"])
def test_what_is_printed_is_a_schema_of_2020_12(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The dialect is named, and the schema keeps to that dialect's own schema."""
    schema = printed(name, capsys)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)


def test_the_example_of_a_target_keeps_to_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """With a key that is written wrong it does not."""
    validator = jsonschema.Draft202012Validator(printed("target", capsys))
    example = yaml.safe_load((CHECKOUT / "examples" / "target.yaml").read_text(encoding="utf-8"))

    assert validator.is_valid(example)
    assert not validator.is_valid({**example, "modles": {}})


def test_a_report_of_another_format_does_not_keep_to_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """The number of the format is part of the schema; the keys that others read are required."""
    schema = printed("report", capsys)
    report = schema["$defs"]["Report"]

    assert report["properties"]["format"] == {"enum": [2]}
    assert {"contract", "causes", "suite", "target", "started", "verdict", "counts", "requirements"} <= set(
        report["required"]
    )


def test_another_file_has_no_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """The known names are said."""
    with pytest.raises(SystemExit) as ended:
        main(["schema", "journal"])

    assert ended.value.code == 2
    assert "'report', 'target'" in capsys.readouterr().err
