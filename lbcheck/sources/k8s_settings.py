"""What is set for one path: annotations of its Service and Ingress, then the ConfigMap."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lbcheck.model import Origin, Setting, Span
from lbcheck.sources.k8s_controller import PREFIXES, Controller, Served
from lbcheck.sources.k8s_faults import Fault, not_a_time
from lbcheck.sources.k8s_keys import CONFIG_MAP_ONLY
from lbcheck.sources.k8s_objects import Annotation, Object, say
from lbcheck.sources.yaml_tree import Mapping, Scalar

_MARKS = {
    Controller.INGRESS_NGINX: ("ingress-nginx", "nginx-configuration", "nginx-ingress-controller"),
    Controller.NGINX_INC: ("nginx-config", "nginx-ingress"),
    Controller.HAPROXY_INGRESS: ("haproxy-ingress",),
    Controller.HAPROXY_TECH: ("haproxy-kubernetes-ingress", "haproxy-configmap"),
}
_TELLING = {
    Controller.INGRESS_NGINX: frozenset(
        {"worker-shutdown-timeout", "enable-underscores-in-headers"}
    ),
    Controller.HAPROXY_INGRESS: frozenset({"timeout-stop", "drain-support"}),
    Controller.HAPROXY_TECH: frozenset({"hard-stop-after"}),
}


class ConfigMap:
    """The settings of a controller's ConfigMap."""

    def __init__(self, thing: Object) -> None:
        self.thing = thing
        self.data: dict[str, Annotation] = {}
        node = thing.at("data")
        for key, value in node.entries() if isinstance(node, Mapping) else ():
            if isinstance(value, Scalar):
                place = Span(thing.source, key.start, value.end)
                self.data[key.text] = Annotation(key.text, value.text.strip(), value.kind, place)

    @property
    def controller(self) -> Controller | None:
        """Whose it is: by its name or labels, by a key that only one of them has."""
        said = [self.thing.name, *(label.text for label in self.thing.labels.values())]
        for controller, marks in _MARKS.items():
            if any(mark in text for mark in marks for text in said):
                return controller
        for controller, telling in _TELLING.items():
            if not telling.isdisjoint(self.data):
                return controller
        return None


def config_maps(objects: Iterable[Object]) -> dict[Controller, ConfigMap]:
    """One for each controller; none where there are several, for nobody knows which is in force."""
    found: dict[Controller, list[ConfigMap]] = {}
    for thing in objects:
        if thing.kind == "ConfigMap":
            made = ConfigMap(thing)
            if made.data and (controller := made.controller):
                found.setdefault(controller, []).append(made)
    return {controller: maps[0] for controller, maps in found.items() if len(maps) == 1}


class Settings:
    """Looks settings up in the order in which a controller does.

    `faults` grows by what turns out to be unreadable. `settled` is False for an object that
    Kubernetes refuses: nothing of it will ever be in force. `workload`: what runs the pods.
    """

    def __init__(
        self,
        served: Served,
        things: Sequence[Object],
        config_map: ConfigMap | None,
    ) -> None:
        self.place = served.place
        self.config_map = config_map
        self.faults: list[Fault] = []
        self.unknown: dict[str, Setting[None]] = {}
        """times that somebody else fills in"""
        prefixes = PREFIXES[served.controller] if served.controller else ()
        only = CONFIG_MAP_ONLY.get(prefixes[0], frozenset()) if prefixes else frozenset()
        self._layers = [
            {
                annotation.name: annotation
                for annotation in thing.annotations.values()
                if annotation.prefix in prefixes and annotation.name not in only
            }
            for thing in things
        ]
        self.workload: Object | None = None
        self.settled = not any(a.refused for thing in things for a in thing.annotations.values())

    def find(self, name: str) -> Annotation | None:
        for layer in self._layers:
            if name in layer:
                return layer[name]
        return self.config_map.data.get(name) if self.config_map else None

    def text(self, name: str) -> str:
        """What is set, or "" (also for a placeholder)."""
        found = self.find(name)
        return "" if found is None or found.unknown else found.text

    def setting(self, name: str, default: str) -> Setting[str]:
        found = self.find(name)
        if found is None:
            return Setting(name, default, Origin.DEFAULT, self.place)
        return Setting(name, found.text, self._origin(found), found.place)

    def time(
        self,
        name: str,
        default: float,
        seconds: Callable[[str], tuple[float, bool] | None],
        kept: str,
    ) -> Setting[float] | None:
        """A time in force; None where it cannot be known.

        Args: seconds: reads a text, and says whether it lacks a unit that makes a difference;
        kept: the default in words.
        """
        found = self.find(name)
        if found is not None and found.unknown:
            self.unknown[name] = Setting(found.name, None, self._origin(found), found.place)
        if not self.settled or (found is not None and (found.unknown or found.refused)):
            return None
        usual = Setting(name, default, Origin.DEFAULT, self.place)
        if found is None:
            return usual
        value = seconds(found.text)
        if value is None:
            self._unreadable(found, kept)
            return usual
        return Setting(name, value[0], self._origin(found), found.place, unitless=value[1])

    def _unreadable(self, found: Annotation, kept: str) -> None:
        """`3600s` was meant for a time and does nothing; what is none was meant for nobody knows
        what."""
        if found.text.strip("\"' ")[:1].isdigit():
            self.faults.append(not_a_time(found, kept))
        else:
            said = f"`{found.name}: {found.text}` is no time: the controller keeps {kept}"
            say(found.place.source, said, found.place, "write a number in quotes")

    def _origin(self, found: Annotation) -> Origin:
        shared = self.config_map is not None and found in self.config_map.data.values()
        return Origin.INHERITED if shared else Origin.SET
