-- 10 MiB up.
wrk.method = "POST"
wrk.path = "/upload"
wrk.body = string.rep("x", 10485760)
wrk.headers["Origin"] = "http://localhost:5173"
wrk.headers["Content-Type"] = "application/octet-stream"
