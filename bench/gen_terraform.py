"""Write a healthy Terraform module of any size: `gen_terraform.py N FILE`, about N resources.

A service is 50 resources: a load balancer with a listener, and 24 target groups for WebSockets,
each behind a rule of its own.
"""

from __future__ import annotations

import sys

HEAD = 'variable "vpc_id" {}\n\nlocals {\n  delay = 120\n}\n\n'
BALANCER = """\
resource "aws_lb" "edge{n}" {{
  name         = "edge-{n}"
  idle_timeout = 120
}}

resource "aws_lb_listener" "https{n}" {{
  load_balancer_arn = aws_lb.edge{n}.arn
  port              = 443
  protocol          = "HTTPS"

  default_action {{
    type = "fixed-response"

    fixed_response {{
      content_type = "text/plain"
      status_code  = "404"
    }}
  }}
}}

"""
GROUP = """\
resource "aws_lb_target_group" "ws{n}_{m}" {{
  name                 = "ws-{n}-{m}"
  port                 = 8080
  protocol             = "HTTP"
  vpc_id               = var.vpc_id
  deregistration_delay = local.delay

  health_check {{
    path                = "/healthz"
    interval            = 10
    timeout             = 5
    unhealthy_threshold = 2
  }}
}}

resource "aws_lb_listener_rule" "ws{n}_{m}" {{
  listener_arn = aws_lb_listener.https{n}.arn
  priority     = {m}

  action {{
    type             = "forward"
    target_group_arn = aws_lb_target_group.ws{n}_{m}.arn
  }}

  condition {{
    path_pattern {{
      values = ["/ws/{m}/*"]
    }}
  }}
}}

"""


def text(resources: int) -> str:
    parts = [HEAD]
    for n in range(max(1, resources // 50)):
        parts.append(BALANCER.format(n=n))
        parts += [GROUP.format(n=n, m=m) for m in range(1, 25)]
    return "".join(parts)


if __name__ == "__main__":
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(text(int(sys.argv[1])))
