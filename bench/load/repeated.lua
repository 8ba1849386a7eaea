-- As a browser's GET, and each answer's head is like the one before: what a memo of those can win.
prefix = "/same/"
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "browser.lua")
