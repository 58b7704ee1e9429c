"""Tell people what a scheduled run found: Slack, Teams, Discord, a webhook, mail, Apprise."""
