"""Drift: what is on the hosts and not as it is wanted, and whose deed that is."""
