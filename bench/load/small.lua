-- The least that is a CORS request.
wrk.headers["Origin"] = "http://localhost:5173"
