"""Phones that are not there: each stands where a phone with one of three apps would, carrying a simulated person."""
