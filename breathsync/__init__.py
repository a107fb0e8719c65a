"""breathsync: a companion for a wearable breath sensor. Not a medical device."""

__version__ = "0.1.0"
