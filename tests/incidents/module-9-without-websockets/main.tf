module "alb" {
  source  = "terraform-aws-modules/alb/aws"
  version = "~> 9.0"
  name    = "edge"
  vpc_id  = module.vpc.vpc_id
  subnets = module.vpc.public_subnets
  
  listeners = {
    http = {
      port     = 80
      protocol = "HTTP"
      redirect = { port = "443", protocol = "HTTPS", status_code = "HTTP_301" }
    }
    https = {
      port            = 443
      protocol        = "HTTPS"
      certificate_arn = var.cert
      forward = { target_group_key = "web" }
      rules = {
        live = {
          priority = 10
          actions = [{ type = "forward", target_group_key = "live" }]
          conditions = [{ path_pattern = { values = ["/api/*", "/api"] } }]
        }
      }
    }
  }
  target_groups = {
    web = {
      backend_protocol = "HTTP"
      backend_port     = 8080
      target_type      = "ip"
      health_check = { path = "/healthz", interval = 10, timeout = 5, unhealthy_threshold = 2, healthy_threshold = 2 }
    }
    live = {
      protocol    = "HTTP"
      port        = 9000
      target_type = "ip"
      
      health_check = {
        path                = "/healthz"
        interval            = 10
        timeout             = 5
        unhealthy_threshold = 2
        healthy_threshold   = 2
        matcher             = "200"
      }
    }
  }
}
