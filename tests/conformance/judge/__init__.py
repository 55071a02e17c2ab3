"""Tests of the judges, with hand-made exchanges: every legal form passes, every fault is found."""
