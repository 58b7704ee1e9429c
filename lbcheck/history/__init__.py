"""What scheduled runs remember: findings, sources and targets over time, and what is told of it."""
