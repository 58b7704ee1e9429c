"""Tells before the deploy whether WebSockets will survive the load balancers in front of them."""

__version__ = "0.1.0"
