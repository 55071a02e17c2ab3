"""Generated cases: what they are drawn from (Hypothesis, Schemathesis), and how a failing one is made small.

The checks that use them are `conformance.suite.test_generated_*`; they judge relations that hold for every case drawn,
so a case needs no expected answer of its own.
"""
