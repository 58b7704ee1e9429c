"""The laboratory: real proxies before targets that misbehave on demand. No audit imports it."""
