"""`gureum service`: the units of a cloud, looked at, started, stopped and taken apart."""
