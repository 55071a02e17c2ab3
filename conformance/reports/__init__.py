"""Reports: each module turns a Report into one form, and knows nothing of how the run was made."""
