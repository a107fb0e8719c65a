"""No app at all: the phone opens a page of ours, and its motion comes back over the same connection."""
