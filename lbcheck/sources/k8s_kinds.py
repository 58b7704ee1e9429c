"""Kinds of Kubernetes objects that lead requests to pods, and that no reader here reads."""

from __future__ import annotations

UNREAD: dict[str, frozenset[str]] = {
    group: frozenset(kinds.split())
    for group, kinds in {
        "gateway.networking.k8s.io": "Gateway HTTPRoute TCPRoute TLSRoute",
        "apisix.apache.org": "ApisixRoute",
        "cloud.google.com": "BackendConfig",
        "configuration.konghq.com": "KongIngress TCPIngress",
        "contour.heptio.com": "IngressRoute",
        "gateway.envoyproxy.io": "BackendTrafficPolicy ClientTrafficPolicy",
        "gateway.solo.io": "RouteTable VirtualService",
        "getambassador.io": "Mapping TCPMapping",
        "k8s.nginx.org": "TransportServer VirtualServer VirtualServerRoute",
        "networking.gke.io": "GCPBackendPolicy",
        "networking.istio.io": "VirtualService",
        "projectcontour.io": "HTTPProxy",
        "route.openshift.io": "Route",
        "traefik.containo.us": "IngressRoute IngressRouteTCP",
        "traefik.io": "IngressRoute IngressRouteTCP",
        "zalando.org": "RouteGroup",
    }.items()
}
"""by API group; those of the Gateway API only where the AWS controller does not serve them"""
