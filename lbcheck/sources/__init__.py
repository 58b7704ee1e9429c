"""From paths to a topology: find the files, tell their kind, hand them to their reader."""
