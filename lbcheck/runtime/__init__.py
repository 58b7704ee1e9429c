"""Ask running proxies what they do with their targets: drained, down, in maintenance."""
