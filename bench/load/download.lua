-- 10 MiB down.
wrk.path = "/large"
wrk.headers["Origin"] = "http://localhost:5173"
