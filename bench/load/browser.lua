-- A page's GET: 16 fields, about 750 bytes; path, query, cookie and token vary, so that no memo of
-- whole heads can win. Written beforehand: the load must cost less than what is measured.
local requests, at = {}, 0
prefix = prefix or "/items/"

local function page(n)
  return wrk.format("GET", prefix .. n * 7919 .. "?page=" .. n % 97 .. "&size=50&q=hello", {
    ["Host"] = wrk.headers["Host"],
    ["Connection"] = "keep-alive",
    ["sec-ch-ua"] = '"Chromium";v="156", "Not)A;Brand";v="99"',
    ["sec-ch-ua-mobile"] = "?0",
    ["sec-ch-ua-platform"] = '"Linux"',
    ["Authorization"] = "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl" .. n,
    ["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
    ["Accept"] = "application/json, text/plain, */*",
    ["Origin"] = "http://localhost:5173",
    ["Sec-Fetch-Site"] = "cross-site",
    ["Sec-Fetch-Mode"] = "cors",
    ["Sec-Fetch-Dest"] = "empty",
    ["Referer"] = "http://localhost:5173/",
    ["Accept-Encoding"] = "gzip, deflate, br, zstd",
    ["Accept-Language"] = "en-GB,en;q=0.9",
    ["Cookie"] = "session=abcdef0123456789abcdef0123456789; theme=dark; n=" .. n,
  })
end

init = function()
  for n = 1, 4096 do requests[n] = page(n) end
end

request = function()
  at = at % #requests + 1
  return requests[at]
end
