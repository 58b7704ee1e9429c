resource "aws_elb" "chat-websocket" {
  name = "chat-websocket"
  listener {
    instance_port     = 8000
    instance_protocol = "tcp"
    lb_port           = 443
    lb_protocol       = "ssl"
  }
  health_check {
    healthy_threshold   = 2
    unhealthy_threshold = 2
    timeout             = 3
    target              = "HTTP:8000/healthz"
    interval            = 10
  }
  connection_draining = true
  connection_draining_timeout = 60
  idle_timeout = 400
}
