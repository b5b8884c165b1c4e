"""gureum builds OpenStack clouds, proves that they work and explains every choice in them."""

__version__ = "0.1.0"
