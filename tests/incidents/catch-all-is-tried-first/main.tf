resource "aws_alb" "main" {
  name         = "main"
  idle_timeout = 300
  subnets      = var.subnets
}
resource "aws_alb_listener" "https" {
  load_balancer_arn = "${aws_alb.main.arn}"
  port              = "443"
  protocol          = "HTTPS"
  default_action {
    type             = "forward"
    target_group_arn = "${aws_alb_target_group.web.arn}"
  }
}
resource "aws_alb_target_group" "web" {
  name     = "web"
  port     = 80
  protocol = "HTTP"
  vpc_id   = "${var.vpc}"
  health_check {
    path     = "/status"
    interval = 10
    timeout  = 5
    unhealthy_threshold = 2
    healthy_threshold   = 2
  }
}
resource "aws_alb_target_group" "live" {
  name     = "live"
  port     = 8080
  protocol = "HTTP"
  vpc_id   = "${var.vpc}"
  health_check {
    path     = "/status"
    interval = 10
    timeout  = 5
    unhealthy_threshold = 2
    healthy_threshold   = 2
  }
}
resource "aws_alb_listener_rule" "all" {
  listener_arn = "${aws_alb_listener.https.arn}"
  priority     = 10
  action {
    type             = "forward"
    target_group_arn = "${aws_alb_target_group.web.arn}"
  }
  condition {
    path_pattern {
      values = ["/*"]
    }
  }
}
resource "aws_alb_listener_rule" "ws" {
  listener_arn = "${aws_alb_listener.https.arn}"
  priority     = 20
  action {
    type             = "forward"
    target_group_arn = "${aws_alb_target_group.live.arn}"
  }
  condition {
    path_pattern {
      values = ["/ws/*"]
    }
  }
}
