resource "aws_lb" "edge" {
  name         = "edge"
  idle_timeout = 300
  subnets      = var.subnets
}
resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.edge.arn
  port              = 443
  protocol          = "HTTPS"
  default_action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_lb_target_group.blue.arn
        weight = 80
      }
      target_group {
        arn    = aws_lb_target_group.green.arn
        weight = 20
      }
    }
  }
}
resource "aws_lb_target_group" "blue" {
  name     = "blue"
  port     = 3000
  protocol = "HTTP"
  vpc_id   = var.vpc

  health_check {
    path                = "/healthz"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
    matcher             = "200"
  }
  stickiness {
    type = "lb_cookie"
  }
}
resource "aws_lb_target_group" "green" {
  name     = "green"
  port     = 3000
  protocol = "HTTP"
  vpc_id   = var.vpc

  health_check {
    path                = "/healthz"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 2
    matcher             = "200"
  }
  stickiness {
    type = "lb_cookie"
  }
}
