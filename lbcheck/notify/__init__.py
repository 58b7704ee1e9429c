"""Tell people what a scheduled run found: Slack, Teams, Discord, a webhook, mail, Apprise."""

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""hosts that are this machine: what is sent there may be in clear"""
