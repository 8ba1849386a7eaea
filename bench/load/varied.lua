-- As a browser's GET, and no answer's head is like the one before: nobody wins by a memo of those.
prefix = "/varied/"
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "browser.lua")
