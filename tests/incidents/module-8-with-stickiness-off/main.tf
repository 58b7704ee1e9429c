module "alb" {
  source  = "terraform-aws-modules/alb/aws"
  version = "~> 8.0"
  name    = "edge"
  load_balancer_type = "application"
  idle_timeout = 600
  target_groups = [
    {
      name_prefix      = "live-"
      backend_protocol = "HTTP"
      backend_port     = 8080
      target_type      = "instance"
      deregistration_delay = 60
      protocol_version = "HTTP1"
      stickiness = { "enabled" = false, "type" = "lb_cookie" }
      health_check = {
        enabled             = true
        interval            = 10
        path                = "/healthz"
        port                = "traffic-port"
        healthy_threshold   = 2
        unhealthy_threshold = 2
        timeout             = 6
        protocol            = "HTTP"
        matcher             = "200"
      }
    }
  ]
  https_listeners = [
    {
      port               = 443
      protocol           = "HTTPS"
      certificate_arn    = "arn"
      target_group_index = 0
    }
  ]
  http_tcp_listeners = [
    {
      port        = 80
      protocol    = "HTTP"
      action_type = "redirect"
      redirect = {
        port        = "443"
        protocol    = "HTTPS"
        status_code = "HTTP_301"
      }
    }
  ]
}
