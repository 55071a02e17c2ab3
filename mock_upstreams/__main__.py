"""`python -m mock_upstreams`: the command `audio-mock-upstreams`."""

import sys

from mock_upstreams.cli import main

sys.exit(main())
