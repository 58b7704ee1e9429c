"""A healthy Terraform module that the rules' examples are cut from."""

TERRAFORM = """\
resource "aws_lb" "chat" {
  name         = "chat"
  idle_timeout = 120
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.chat.arn
  port              = 443
  protocol          = "HTTPS"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.ws.arn
  }
}

resource "aws_lb_target_group" "ws" {
  name                 = "chat-ws"
  port                 = 8080
  protocol             = "HTTP"
  deregistration_delay = 120

  health_check {
    path                = "/healthz"
    interval            = 10
    timeout             = 5
    unhealthy_threshold = 2
  }
}
"""
