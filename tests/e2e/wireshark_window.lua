-- SPDX-License-Identifier: MIT
-- Plays Wireshark's windows for share/wireshark/krbwhy.lua inside tshark, whose Lua and captures are real. The menu's
-- action runs as a coroutine that waits in retap_packets until tshark has read the capture. Arguments: the plugin, the
-- program, a folder for what was seen, then evidence files and keytab of the dialog ("" for the first menu entry).
local plugin, program, folder, evidence, keytab = ...

local menus, windows, filters, dialogs = {}, {}, {}, {}
local action

local function note(name, text)
    local file = assert(io.open(folder .. "/" .. name, "wb"))
    file:write(text)
    file:close()
end

function _G.gui_enabled() return true end
function _G.register_menu(name, run, group) menus[#menus + 1] = { name = name, run = run, group = group } end
function _G.retap_packets() coroutine.yield() end
function _G.reload_packets() end
function _G.set_filter(text) filters[#filters + 1] = text end
function _G.apply_filter() filters[#filters + 1] = "applied" end
function _G.new_dialog(title, run, ...) dialogs[#dialogs + 1] = { title = title, run = run, labels = { ... } } end

_G.TextWindow = {
    new = function(title)
        local window = { title = title, text = "", buttons = {} }
        function window:set(text) self.text = text end
        function window:add_button(label, run) self.buttons[#self.buttons + 1] = { label = label, run = run } end
        windows[#windows + 1] = window
        return window
    end
}

-- What the plugin takes as its preference.
local pref_string = Pref.string
Pref.string = function(label, default, description) return pref_string(label, program, description) end

local module = dofile(plugin)

local function start()
    if evidence == nil then
        menus[1].run()
    else
        menus[2].run()
        dialogs[1].run(evidence, keytab or "")
    end
end

local function finish()
    local out = {}
    if os.getenv("ANSWER") and #dialogs > 0 then dialogs[#dialogs].run(os.getenv("ANSWER")) end
    for _, menu in ipairs(menus) do out[#out + 1] = "menu " .. menu.name end
    for _, window in ipairs(windows) do
        note("window.txt", window.text)
        for _, button in ipairs(window.buttons) do
            button.run()
            out[#out + 1] = "button " .. button.label
        end
    end
    out[#out + 1] = "windows " .. #windows
    for _, dialog in ipairs(dialogs) do out[#out + 1] = "dialog " .. dialog.title end
    for _, filter in ipairs(filters) do out[#out + 1] = "filter " .. filter end
    note("seen.txt", table.concat(out, "\n") .. "\n")
end

local go_on
function go_on()
    local good, why = coroutine.resume(action)
    if not good then
        note("error.txt", tostring(why))
        go_on = function() end
    elseif coroutine.status(action) == "dead" then
        finish()
    end
end

-- Behind the plugin's own tap: all frames have been seen when this one is drawn.
action = coroutine.create(start)
go_on()
local last = Listener.new("frame")
local done = false
function last.packet() end
function last.draw()
    if not done then
        done = true
        go_on()
    end
end

-- The parts that need no capture.
local results = {}
local function check(name, good) results[#results + 1] = (good and "ok " or "not ok ") .. name end
local parse = module.json.parse
local value = parse('{"a": [1, -2.5, true, null, "\\u00e9\\ud83d\\ude00\\"\\\\\\n"], "b": {}, "c": null, "d": []}')
check("json-values", value.a[1] == 1 and value.a[2] == -2.5 and value.a[3] == true and value.a[4] == "\195\169\240\159\152\128\"\\\n"
    and next(value.b) == nil and value.c == nil and #value.d == 0)
check("json-lone-surrogate", parse('"\\ud800x"') == "\239\191\189x")
for number, text in ipairs({ "", "{", "[1,", '{"a" 1}', '"\\x"', "[1] 2", '"abc', "nul", "[1 2]", '{"a":}', "+1", string.rep("[", 100) }) do
    check("json-refuses-" .. number, not pcall(parse, text))
end
local quote = module.run.quote
check("quote-posix", quote("a b'c$(x)`y`\"", false) == "'a b'\\''c$(x)`y`\"'")
check("quote-windows", quote("C:\\a b\\", true) == '"C:\\a b\\\\"' and quote('a"b', true) == nil and quote("%PATH%", true) == nil)
check("quote-refuses-line-ends", quote("a\nb", false) == nil and quote("a\0b", true) == nil)
local command = module.run.command("wsl.exe krbwhy", { "-e", "D:\\my files\\spns.ldf", "-" }, "C:\\t\\x", "C:\\t\\e", true)
check("command-for-wsl", command == '"wsl.exe krbwhy "-e" "/mnt/d/my files/spns.ldf" "-" < "C:\\t\\x" 2> "C:\\t\\e""')
check("clean", module.show.clean("a\27[31m\226\128\174b\194\155\n") == "a?[31m?b??")
check("a-filter-that-is-none", module.show.filter({ display_filter = "frame.number in {1} or tcp" }) == nil)
local epoch = module.show.epoch
check("epoch", epoch("1970-01-01T00:00:00.000000000Z") == 0 and epoch("2000-02-29T12:00:00.5Z") == 951825600.5 and
    epoch("2026-11-24T22:55:27.000000000Z") == 1795560927 and epoch("yesterday") == nil)
note("parts.txt", table.concat(results, "\n") .. "\n")
