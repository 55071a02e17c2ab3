"""Which parts of ``openapi.yaml`` a run has exercised. A report and no judgement: no verdict depends on it.

Only bodies of up to 64 KiB are looked into, and names of the contract are all that is kept: no text, recording or secret
of a request.
"""

from conformance.coverage.places import Kind
from conformance.coverage.tally import Coverage

__all__ = ["Coverage", "Kind"]
