"""Reads YAML into typed values so strictly that every mistake is answered with its path and a hint."""

from reference_server.strict_yaml.errors import ConfigError
from reference_server.strict_yaml.explaining import WHOLE
from reference_server.strict_yaml.reading import convert, parse

__all__ = ["WHOLE", "ConfigError", "convert", "parse"]
