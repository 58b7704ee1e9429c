"""AWS answers as plain values: what JSON can hold, without secrets; which groups they use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_HANDSHAKE_HEADERS = frozenset({"upgrade", "connection", "host", "user-agent", "origin"})


def plain(value: Any) -> Any:
    """Botocore's values as JSON has them, without what may be a secret."""
    if isinstance(value, dict):
        if value.get("Field") == "http-header":
            return _without_secret(value)
        return {key: plain(item) for key, item in value.items() if key != "ClientSecret"}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def _without_secret(condition: dict[str, Any]) -> dict[str, Any]:
    """A header that a CDN adds to prove itself is a shared secret; only known headers are kept."""
    config = condition.get("HttpHeaderConfig", {})
    name = str(config.get("HttpHeaderName", ""))
    if name.lower() in _HANDSHAKE_HEADERS or name.lower().startswith("sec-websocket-"):
        return condition
    hidden = {**config, "Values": ["(removed)" for _ in config.get("Values", [])]}
    hidden.pop("RegexValues", None)
    return {"Field": "http-header", "HttpHeaderConfig": hidden}


def tag_pairs(tags: Iterable[dict[str, str]]) -> set[tuple[str, str]]:
    """`[{"Key": "team", "Value": "edge"}]` -> {("team", "edge")}."""
    return {(tag["Key"], tag.get("Value", "")) for tag in tags}


def used_groups(document: dict[str, Any]) -> list[str]:
    """The ARNs of groups that a listener or rule names, or that say that they are in use."""
    groups = document["TargetGroups"]
    used = {group["TargetGroupArn"] for group in groups if group.get("LoadBalancerArns")}
    owners = [*document["Listeners"].values(), *document["Rules"].values()]
    for thing in (thing for own in owners for thing in own):
        for action in thing.get("Actions", thing.get("DefaultActions", [])):
            used.add(action.get("TargetGroupArn", ""))
            forward = action.get("ForwardConfig", {}).get("TargetGroups", [])
            used.update(group.get("TargetGroupArn", "") for group in forward)
    return [group["TargetGroupArn"] for group in groups if group["TargetGroupArn"] in used]
