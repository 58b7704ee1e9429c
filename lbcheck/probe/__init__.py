"""See through the wire what a balancer does to WebSockets: bytes in, judgement out."""
