"""HTTP as the mock speaks it: requests read from a connection, responses written to it, connections closed or reset."""
