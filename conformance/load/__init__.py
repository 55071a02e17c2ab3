"""Load and soak of a deployed gateway with Locust: requests as the suite makes them, each answer judged as the suite judges.

Only `conformance.load.locustfile` knows Locust.
"""

from pathlib import Path

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
"""The file to give to Locust."""
