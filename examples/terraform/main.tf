# `terraform fmt` and the usual linters have nothing to say about this; AWS and every WebSocket have.

variable "vpc_id" {
  type = string
}

resource "aws_lb" "chat" {
  name               = "chat"
  load_balancer_type = "application"
  idle_timeout       = 9000
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.chat.arn
  port              = 443
  protocol          = "HTTPS"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.chat_ws.arn
  }
}

resource "aws_lb_target_group" "chat_ws" {
  name                          = "chat-ws"
  port                          = 8080
  protocol                      = "HTTP"
  protocol_version              = "HTTP2"
  vpc_id                        = var.vpc_id
  deregistration_delay          = 0
  slow_start                    = 60
  load_balancing_algorithm_type = "least_outstanding_requests"

  health_check {
    path     = "/ws"
    matcher  = "101"
    interval = 5
    timeout  = 60
  }
}

resource "aws_lb_listener_rule" "ws_next" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 10

  condition {
    path_pattern {
      values = ["/ws-next/*"]
    }
  }

  action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.chat_ws.arn
        weight = 0
      }
    }
  }
}
