"""Which parts of a contract's OpenAPI document a run has exercised. A report and no judgement: no verdict depends on it.

Only bodies of up to 64 KiB are looked into, and names of the document are all that is kept: no text, recording or secret
of a request.
"""

from conformance.coverage.counter import Count, Coverage, Summary
from conformance.coverage.points import Kind

__all__ = ["Count", "Coverage", "Kind", "Summary"]
