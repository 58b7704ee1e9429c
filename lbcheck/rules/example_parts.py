"""Healthy configurations, one a vendor, that the rules' examples are cut from."""

NGINX = """\
map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
server {
    listen 127.0.0.1:8080;
    location /ws/ {
        proxy_pass http://127.0.0.1:9000;
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_read_timeout 120s;
    }
}
"""

WHOLE_NGINX = f"""\
worker_shutdown_timeout 30m;
events {{}}
http {{
{NGINX}}}
"""
"""with everything around it: only here are the defaults known"""

HAPROXY = """\
global
    hard-stop-after 30m

defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout tunnel 1h

frontend web
    bind 127.0.0.1:8080
    use_backend ws if { path_beg /ws }
    default_backend pages

backend ws
    balance leastconn
    option redispatch
    retry-on conn-failure 503
    option httpchk
    http-check send meth GET uri /healthz ver HTTP/1.1 hdr Host chat.example
    http-check expect status 200
    default-server check inter 5s rise 2 fall 2
    server ws1 127.0.0.1:9001
    server ws2 127.0.0.1:9002

backend pages
    option httpchk GET /healthz
    server pages1 127.0.0.1:9003 check
"""

INGRESS_ALB = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: chat
  annotations:
    alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds=300
    alb.ingress.kubernetes.io/healthcheck-path: /healthz
spec:
  ingressClassName: alb
  rules:
    - http:
        paths:
          - path: /ws
            pathType: Prefix
            backend:
              service:
                name: chat
                port:
                  number: 8080
"""

INGRESS_NGINX = INGRESS_ALB.replace("ingressClassName: alb", "ingressClassName: nginx").replace(
    """\
    alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds=300
    alb.ingress.kubernetes.io/healthcheck-path: /healthz
""",
    """\
    nginx.ingress.kubernetes.io/proxy-read-timeout: "3600"
    nginx.ingress.kubernetes.io/affinity: cookie
""",
)

INGRESS_HAPROXY = INGRESS_ALB.replace("ClassName: alb", "ClassName: haproxy").replace(
    """\
    alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds=300
    alb.ingress.kubernetes.io/healthcheck-path: /healthz
""",
    """\
    haproxy-ingress.github.io/timeout-tunnel: 2h
    haproxy-ingress.github.io/affinity: cookie
""",
)

POD = """\
---
apiVersion: v1
kind: Service
metadata:
  name: chat
spec:
  selector: {app: chat}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: chat
spec:
  replicas: 2
  template:
    metadata:
      labels: {app: chat}
    spec:
      terminationGracePeriodSeconds: 120
      containers:
        - name: chat
          lifecycle:
            preStop: {sleep: {seconds: 15}}
"""
"""what stands behind the Ingresses above"""

_ARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333"
LOAD_BALANCER = f"{_ARN}:loadbalancer/app/chat/50dc6c495c0c9188"
LISTENER = f"{_ARN}:listener/app/chat/50dc6c495c0c9188/f2f7dc8efc522ab2"
GROUP = f"{_ARN}:targetgroup/chat-ws/73e2d6bc24d8a067"

AWS = f"""\
{{
  "schema": "lbcheck-aws/1", "account": "111122223333", "region": "eu-west-1",
  "LoadBalancers": [
    {{"LoadBalancerArn": "{LOAD_BALANCER}", "LoadBalancerName": "chat",
     "Type": "application", "Scheme": "internet-facing", "State": {{"Code": "active"}}}}
  ],
  "LoadBalancerAttributes": {{
    "{LOAD_BALANCER}": [
      {{"Key": "idle_timeout.timeout_seconds", "Value": "120"}}
    ]
  }},
  "Listeners": {{
    "{LOAD_BALANCER}": [
      {{"ListenerArn": "{LISTENER}",
       "LoadBalancerArn": "{LOAD_BALANCER}", "Port": 443, "Protocol": "HTTPS",
       "DefaultActions": [
         {{"Type": "fixed-response", "FixedResponseConfig": {{"StatusCode": "404"}}}}
       ]}}
    ]
  }},
  "ListenerAttributes": {{"{LISTENER}": []}},
  "Rules": {{
    "{LISTENER}": [
      {{"RuleArn": "{LISTENER.replace(":listener/", ":listener-rule/")}/9683b2d02a6cabee",
       "Priority": "10", "IsDefault": false,
       "Conditions": [
         {{"Field": "path-pattern", "PathPatternConfig": {{"Values": ["/ws", "/ws/*"]}}}}
       ],
       "Actions": [
         {{"Type": "forward",
          "TargetGroupArn": "{GROUP}"}}
       ]}},
      {{"RuleArn": "{LISTENER.replace(":listener/", ":listener-rule/")}/1291d13826f405c3",
       "Priority": "default", "IsDefault": true, "Conditions": [],
       "Actions": [
         {{"Type": "fixed-response", "FixedResponseConfig": {{"StatusCode": "404"}}}}
       ]}}
    ]
  }},
  "TargetGroups": [
    {{"TargetGroupArn": "{GROUP}", "TargetGroupName": "chat-ws",
     "LoadBalancerArns": ["{LOAD_BALANCER}"],
     "Protocol": "HTTP", "Port": 8080,
     "ProtocolVersion": "HTTP1",
     "TargetType": "ip",
     "HealthCheckEnabled": true, "HealthCheckProtocol": "HTTP", "HealthCheckPort": "traffic-port",
     "HealthCheckPath": "/healthz", "HealthCheckIntervalSeconds": 10,
     "HealthCheckTimeoutSeconds": 5, "HealthyThresholdCount": 2, "UnhealthyThresholdCount": 2,
     "Matcher": {{"HttpCode": "200"}}}}
  ],
  "TargetGroupAttributes": {{
    "{GROUP}": [
      {{"Key": "deregistration_delay.timeout_seconds", "Value": "120"}},
      {{"Key": "stickiness.enabled", "Value": "false"}}
    ]
  }},
  "TargetHealth": {{
    "{GROUP}": [
      {{"Target": {{"Id": "10.0.1.11", "Port": 8080, "AvailabilityZone": "eu-west-1a"}},
       "TargetHealth": {{"State": "healthy"}}}},
      {{"Target": {{"Id": "10.0.2.11", "Port": 8080, "AvailabilityZone": "eu-west-1b"}},
       "TargetHealth": {{"State": "healthy"}}}}
    ]
  }},
  "Tags": {{}}
}}
"""
IDLE_TIMEOUT = f"LoadBalancerAttributes/{LOAD_BALANCER.replace('/', '~1')}/0"
"""where an example's idle timeout stands (RFC 6901 writes a slash in a key as ~1)"""
IDLE_120 = '"idle_timeout.timeout_seconds", "Value": "120"'
RULES = f"Rules/{LISTENER.replace('/', '~1')}"
FORWARD = f"""{{"Type": "forward",
          "TargetGroupArn": "{GROUP}"}}"""
"""the WebSocket rule's action"""
