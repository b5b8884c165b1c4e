"""The only code that runs on hosts: facts and the states' readers and changers.

Standard library only, Python 3.9 or later, nothing of gureum outside of this package: it is sent to
hosts as it is, and whatever Python a supported distribution has must run it.
"""
