-- A form's 512 bytes.
wrk.method = "POST"
wrk.body = string.rep("x", 512)
wrk.headers["Origin"] = "http://localhost:5173"
wrk.headers["Content-Type"] = "text/plain"
