"""Pretend speech providers: real audio, scripted faults, a record of what arrived."""
