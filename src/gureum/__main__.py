"""`python -m gureum` is `gureum`."""

from gureum.cli.main import main

main()
