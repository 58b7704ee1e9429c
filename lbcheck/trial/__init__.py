"""Put findings to the test: what a probe of the running service says of each of them."""
