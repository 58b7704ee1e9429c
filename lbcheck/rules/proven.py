"""The proxy versions on which tests/live sees a rule's symptom, and sees it gone."""

from __future__ import annotations

from lbcheck.rule import Proof

NGINX_1_22 = Proof("nginx", "1.22.1")
NGINX_1_31 = Proof("nginx", "1.31.3")
NGINX = (NGINX_1_22, NGINX_1_31)
HAPROXY_2_8 = Proof("haproxy", "2.8.25")
HAPROXY = (Proof("haproxy", "2.6.12"), HAPROXY_2_8)
