-- SPDX-License-Identifier: MIT
-- krbwhy in Wireshark: Tools > krbwhy says why Kerberos failed in the open capture, and filters the frames that show it.
-- With a report of krbwhy -f json, in tshark too: fields krbwhy.cause, krbwhy.confidence, krbwhy.title, krbwhy.says on the
-- frames that the report cites. See README.md beside this file. Wireshark 3.6 and later, Lua 5.2 to 5.4.

if set_plugin_info then
    set_plugin_info({ version = "0.1.0", description = "says why Kerberos failed", author = "the krbwhy authors" })
end

local WINDOWS = package.config:sub(1, 1) == "\\"
local MOST_BUTTONS = 12
local WIDTH = 72 -- what a text window shows before it breaks lines itself
local MOST_REPORT = 256 * 1024 * 1024

-- ---- JSON ----

local json = {}

local ESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function utf8_of(code)
    if code < 0x80 then
        return string.char(code)
    elseif code < 0x800 then
        return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64)
    elseif code < 0x10000 then
        return string.char(0xE0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
    end
    return string.char(0xF0 + math.floor(code / 262144), 0x80 + math.floor(code / 4096) % 64,
        0x80 + math.floor(code / 64) % 64, 0x80 + code % 64)
end

local function wrong(at)
    error("no JSON at octet " .. at, 0)
end

-- Each take_X returns the value and where the text goes on.
local take_value

local function skip(text, at)
    return text:find("[^ \t\r\n]", at) or #text + 1
end

local function take_escape(text, at, out)
    local c = text:sub(at + 1, at + 1)
    if c ~= "u" then
        out[#out + 1] = ESCAPES[c] or wrong(at)
        return at + 2
    end
    local code = tonumber(text:match("^%x%x%x%x", at + 2) or wrong(at), 16)
    at = at + 6
    if code >= 0xD800 and code < 0xDC00 then
        local low = tonumber(text:match("^\\u(%x%x%x%x)", at) or "0", 16)
        if low >= 0xDC00 and low < 0xE000 then
            out[#out + 1] = utf8_of(0x10000 + (code - 0xD800) * 1024 + (low - 0xDC00))
            return at + 6
        end
    end
    out[#out + 1] = utf8_of((code >= 0xD800 and code < 0xE000) and 0xFFFD or code)
    return at
end

local function take_string(text, at)
    local out = {}
    at = at + 1
    while true do
        local stop = text:find('["\\]', at) or wrong(at)
        out[#out + 1] = text:sub(at, stop - 1)
        if text:sub(stop, stop) == '"' then
            return table.concat(out), stop + 1
        end
        at = take_escape(text, stop, out)
    end
end

local function take_array(text, at, depth)
    local out = {}
    at = skip(text, at + 1)
    if text:sub(at, at) == "]" then
        return out, at + 1
    end
    while true do
        local value
        value, at = take_value(text, at, depth + 1)
        out[#out + 1] = value
        at = skip(text, at)
        local c = text:sub(at, at)
        if c == "]" then
            return out, at + 1
        elseif c ~= "," then
            wrong(at)
        end
        at = at + 1
    end
end

local function take_object(text, at, depth)
    local out = {}
    at = skip(text, at + 1)
    if text:sub(at, at) == "}" then
        return out, at + 1
    end
    while true do
        local key
        at = skip(text, at)
        if text:sub(at, at) ~= '"' then
            wrong(at)
        end
        key, at = take_string(text, at)
        at = skip(text, at)
        if text:sub(at, at) ~= ":" then
            wrong(at)
        end
        out[key], at = take_value(text, at + 1, depth + 1)
        at = skip(text, at)
        local c = text:sub(at, at)
        if c == "}" then
            return out, at + 1
        elseif c ~= "," then
            wrong(at)
        end
        at = at + 1
    end
end

function take_value(text, at, depth)
    if depth > 64 then
        wrong(at)
    end
    at = skip(text, at)
    local c = text:sub(at, at)
    if c == "{" then
        return take_object(text, at, depth)
    elseif c == "[" then
        return take_array(text, at, depth)
    elseif c == '"' then
        return take_string(text, at)
    end
    local word = text:match("^[%w%.%+%-]+", at) or wrong(at)
    local literal = ({ ["true"] = true, ["false"] = false })[word]
    if word == "null" then
        return nil, at + 4
    elseif literal == nil then
        literal = word:find("^%-?%d") and tonumber(word) or wrong(at)
    end
    return literal, at + #word
end

-- The document, in which null is nil and holds no place in a list. An error, without a position in this file, for what is none.
function json.parse(text)
    local value, at = take_value(text, 1, 0)
    if skip(text, at) <= #text then
        wrong(at)
    end
    return value
end

-- ---- running krbwhy ----

local run = {}

-- One word of a command line, whatever is in it; nil for what cannot be said safely: cmd.exe expands % and ends at ".
function run.quote(word, windows)
    if word:find("[%z\1-\31]") then
        return nil
    elseif not windows then
        return "'" .. word:gsub("'", "'\\''") .. "'"
    elseif word:find('["%%!]') then
        return nil
    end
    -- A backslash before the closing quote would take its meaning away.
    return '"' .. word:gsub("(\\+)$", "%1%1") .. '"'
end

-- A path as the program sees it: under WSL the drives are elsewhere.
local function path_for(program, path)
    local drive, rest = path:match("^(%a):[\\/](.*)$")
    if program:find("^wsl") and drive then
        return "/mnt/" .. drive:lower() .. "/" .. rest:gsub("\\", "/")
    end
    return path
end

-- The command line, or nil and why not. `program` is a file, or a command line of its own ("wsl.exe krbwhy").
function run.command(program, arguments, input, errors, windows)
    local words = { program }
    local file = io.open(program, "r")
    if file then
        file:close()
        words[1] = run.quote(program, windows)
    end
    for _, argument in ipairs(arguments) do
        words[#words + 1] = run.quote(path_for(program, argument), windows) or false
    end
    words[#words + 1] = "<"
    words[#words + 1] = run.quote(input, windows) or false
    words[#words + 1] = "2>"
    words[#words + 1] = run.quote(errors, windows) or false
    for _, word in ipairs(words) do
        if not word then
            return nil, 'A name with a control character, or on Windows with ", % or !, cannot be passed on; give the file another name.'
        end
    end
    local line = table.concat(words, " ")
    return windows and '"' .. line .. '"' or line
end

local function read_all(path)
    local file = io.open(path, "rb")
    if not file then
        return nil
    end
    local text = file:read(MOST_REPORT) or ""
    file:close()
    return text
end

-- A new file of ours. On Windows the C library names one in the root of the drive.
local function temporary()
    local name = os.tmpname()
    if WINDOWS then
        name = (os.getenv("TEMP") or ".") .. "\\krbwhy" .. name:gsub("[\\/:%.]", "") .. tostring(os.time())
    end
    return name
end

-- The report on the capture in the file `input`, and what krbwhy complained of; or nil and why not.
function run.analyse(program, input, evidence)
    local errors = temporary()
    local arguments = { "-f", "json", "--case" }
    for _, path in ipairs(evidence or {}) do
        arguments[#arguments + 1] = path.keytab and "-k" or "-e"
        arguments[#arguments + 1] = path.path
    end
    arguments[#arguments + 1] = "-"
    local command, why = run.command(program, arguments, input, errors, WINDOWS)
    if not command then
        return nil, why
    end
    local pipe = io.popen(command, "r")
    local text = pipe and pipe:read(MOST_REPORT) or ""
    if pipe then
        pipe:close()
    end
    local complaints = read_all(errors) or ""
    os.remove(errors)
    if text == "" then
        return nil, "krbwhy gave no report. It was started as\n\n  " .. program .. "\n\n" .. complaints ..
            "\nInstall krbwhy, or say where it is: Edit > Preferences > Protocols > KRBWHY."
    end
    local good, report = pcall(json.parse, text)
    if not good or type(report) ~= "table" or report.schema ~= "krbwhy/1" then
        return nil, "What " .. program .. " printed is no report of krbwhy" .. (good and "" or ": " .. tostring(report)) .. "\n" .. complaints
    end
    return report, complaints
end

-- ---- what it says ----

local show = {}

-- Names come from the capture: nothing in them may steer a terminal, or turn the direction of what follows.
function show.clean(text)
    return (tostring(text):gsub("[%z\1-\31\127]", "?"):gsub("\194[\128-\159]", "?"):gsub("\226\128[\142\143\168-\174]", "?")
        :gsub("\226\129[\166-\169]", "?"))
end

local function wrap(out, text, indent)
    local line = ""
    for word in show.clean(text):gmatch("%S+") do
        if #line > 0 and #indent + #line + 1 + #word > WIDTH then
            out[#out + 1] = indent .. line
            line = ""
        end
        line = line == "" and word or line .. " " .. word
    end
    out[#out + 1] = indent .. line
end

local function frames_of(sources, report)
    local frames = {}
    for _, source in ipairs(sources or {}) do
        if source.frame then
            frames[#frames + 1] = "frame " .. source.frame
        elseif source.line then
            local file = report.evidence[source.evidence + 1]
            frames[#frames + 1] = "line " .. source.line .. (file and " of " .. file.path:match("[^/\\]*$") or "")
        end
    end
    return #frames > 0 and " (" .. table.concat(frames, ", ") .. ")" or ""
end

local function put_statements(out, title, list, report)
    if #(list or {}) == 0 then
        return
    end
    out[#out + 1] = "  " .. title
    for _, item in ipairs(list) do
        wrap(out, "- " .. (item.statement or item.what or "") .. frames_of(item.sources, report), "    ")
        if item.command then
            out[#out + 1] = "      " .. show.clean(item.command)
        end
        for _, name in ipairs({ "who", "breaks", "undo", "verify" }) do
            if item[name] then
                wrap(out, name .. ": " .. item[name], "      ")
            end
        end
    end
end

-- The text of the window.
function show.report(report, complaints)
    local out = {}
    if #report.findings == 0 then
        out[1] = "Nothing wrong was found: " .. report.summary.attempts .. " Kerberos authentications were seen, none refused."
    end
    for number, finding in ipairs(report.findings) do
        wrap(out, number .. ". " .. finding.title, "")
        out[#out + 1] = "  " .. finding.cause .. ", " .. (finding.confidence or "for your information")
        if finding.explanation then
            wrap(out, finding.explanation, "  ")
        end
        put_statements(out, "What shows it", finding["for"], report)
        put_statements(out, "Against it", finding.against, report)
        put_statements(out, "What to do", finding.remedies, report)
        put_statements(out, "What would settle it", finding.missing, report)
        if #finding.alternatives > 0 then
            wrap(out, "Not excluded: " .. table.concat(finding.alternatives, ", "), "  ")
        end
        out[#out + 1] = "  Filter: " .. (finding.display_filter or "none, it cites no frame")
        out[#out + 1] = ""
    end
    for _, capture in ipairs(report.captures) do
        for _, problem in ipairs(capture.problems) do
            wrap(out, "Capture: " .. problem.message, "")
        end
    end
    if complaints and complaints:find("%S") then
        wrap(out, complaints, "")
    end
    return table.concat(out, "\n") .. "\n"
end

-- Is this the filter that krbwhy makes, and nothing else?
function show.filter(finding)
    local filter = finding.display_filter
    return filter and filter:find("^frame%.number in {[%d,]+}$") and filter or nil
end

-- One filter for all findings; nil when they cite no frame.
function show.filter_of_all(report)
    local seen, numbers = {}, {}
    for _, finding in ipairs(report.findings) do
        for number in (show.filter(finding) or ""):gmatch("%d+") do
            if not seen[number] then
                seen[number] = true
                numbers[#numbers + 1] = tonumber(number)
            end
        end
    end
    table.sort(numbers)
    return #numbers > 0 and "frame.number in {" .. table.concat(numbers, ",") .. "}" or nil
end

-- ---- fields on the frames that are cited ----

local proto = Proto("krbwhy", "krbwhy")
local field = {
    cause = ProtoField.string("krbwhy.cause", "Cause"),
    confidence = ProtoField.string("krbwhy.confidence", "Confidence"),
    title = ProtoField.string("krbwhy.title", "Finding"),
    says = ProtoField.string("krbwhy.says", "What this frame shows"),
}
proto.fields = { field.cause, field.confidence, field.title, field.says }

local marks = {} -- frame number to a list of { finding, says, time }

-- Seconds since 1970 of "2026-11-24T05:10:05.105420000Z"; nil for anything else.
function show.epoch(text)
    local year, month, day, hour, minute, second = tostring(text):match("^(%d+)-(%d+)-(%d+)T(%d+):(%d+):([%d%.]+)Z$")
    if not year then
        return nil
    end
    -- Days by the calendar whose year begins in March.
    year, month = tonumber(year), tonumber(month)
    if month <= 2 then
        year, month = year - 1, month + 12
    end
    local days = 365 * year + math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400) +
        math.floor((153 * (month - 3) + 2) / 5) + tonumber(day) - 1 - 719468
    return days * 86400 + tonumber(hour) * 3600 + tonumber(minute) * 60 + tonumber(second)
end

-- Takes the frames that a report of one capture cites; false and why not.
local function mark(report)
    marks = {}
    if #report.captures ~= 1 then
        return false, "the report is of " .. #report.captures .. " captures; make one of this capture alone"
    end
    for _, finding in ipairs(report.findings) do
        local here = {}
        for number in (show.filter(finding) or ""):gmatch("%d+") do
            here[tonumber(number)] = { finding = finding, says = {} }
        end
        for _, part in ipairs({ "for", "against", "refuted" }) do
            for _, statement in ipairs(finding[part]) do
                for _, source in ipairs(statement.sources) do
                    local what = source.frame and here[source.frame]
                    if what then
                        what.time = show.epoch(source.time)
                        what.says[#what.says + 1] = part ~= "refuted" and statement.statement or nil
                    end
                end
            end
        end
        for number, what in pairs(here) do
            marks[number] = marks[number] or {}
            table.insert(marks[number], what)
        end
    end
    return true
end

-- In a window another capture may be opened after the report was made: its frames have other times.
local function same_frame(what, pinfo)
    return not gui_enabled() or what.time ~= nil and math.abs(tonumber(tostring(pinfo.abs_ts)) - what.time) < 0.0001
end

function proto.dissector(tvb, pinfo, tree)
    local here = marks[pinfo.number]
    if not here then
        return
    end
    for _, what in ipairs(here) do
        if same_frame(what, pinfo) then
            local branch = tree:add(proto, tvb(0, 0), "krbwhy: " .. show.clean(what.finding.title))
            branch:add(field.cause, tvb(0, 0), what.finding.cause)
            branch:add(field.confidence, tvb(0, 0), what.finding.confidence or "info")
            branch:add(field.title, tvb(0, 0), show.clean(what.finding.title))
            for _, says in ipairs(what.says) do
                branch:add(field.says, tvb(0, 0), show.clean(says))
            end
        end
    end
end

proto.prefs.program = Pref.string("Program", WINDOWS and "wsl.exe krbwhy" or "krbwhy",
    "Where krbwhy is: a file, or a command line that begins with it")

-- ---- the menu ----

local function complain(text)
    local window = TextWindow.new("krbwhy")
    local lines = {}
    for line in (text .. "\n"):gmatch("(.-)\r?\n") do
        lines[#lines + 1] = show.clean(line)
    end
    window:set(table.concat(lines, "\n") .. "\n")
    return window
end

local function apply(filter)
    set_filter(filter)
    apply_filter()
end

local function open_window(report, complaints)
    local window = TextWindow.new("krbwhy: why did Kerberos fail?")
    window:set(show.report(report, complaints))
    local all = show.filter_of_all(report)
    for number, finding in ipairs(report.findings) do
        local filter = show.filter(finding)
        if filter and number <= MOST_BUTTONS then
            window:add_button("Filter " .. number, function() apply(filter) end)
        end
    end
    if all then
        window:add_button("Filter all", function() apply(all) end)
        window:add_button("No filter", function() apply("") end)
    end
    return window
end

-- Copies every frame of the open capture into the file `path`, in order, so that frames keep their numbers. Lua is not
-- told the name of the open capture, which may not have been saved either. How many, or nil and why not.
local function copy_frames(path)
    local listener = Listener.new("frame")
    local dumper, failed
    local number = 0
    local filetype = wtap_name_to_file_type_subtype and wtap_name_to_file_type_subtype("nsecpcap")

    function listener.packet(pinfo)
        if failed or pinfo.number ~= number + 1 then
            failed = failed or "frames come out of order"
            return
        end
        local good, why = pcall(function()
            dumper = dumper or Dumper.new_for_current(path, filetype)
            dumper:dump_current()
        end)
        if good then
            number = pinfo.number
        else
            failed = tostring(why)
        end
    end

    retap_packets()
    listener:remove()
    if dumper then
        dumper:close()
    end
    if failed or number == 0 then
        return nil, failed or "no capture is open"
    end
    return number
end

local function explain(path, evidence)
    local report, complaints = run.analyse(proto.prefs.program, path, evidence)
    if not report then
        return complain(complaints)
    end
    if mark(report) and next(marks) and reload_packets then
        reload_packets()
    end
    return open_window(report, complaints)
end

local function split(text)
    local paths = {}
    for path in (text or ""):gmatch("[^;]+") do
        path = path:match("^%s*(.-)%s*$")
        if path ~= "" then
            paths[#paths + 1] = path
        end
    end
    return paths
end

-- For captures that cannot be copied, those whose interfaces differ in kind.
local function ask_for_file(why, evidence)
    new_dialog("krbwhy: " .. why, function(path)
        if path and path ~= "" then
            explain(path, evidence)
        end
    end, "The capture's file")
end

local function explain_open_capture(evidence)
    local path = temporary()
    local number, why = copy_frames(path)
    if number then
        explain(path, evidence)
    elseif why == "no capture is open" then
        complain("Open a capture first.")
    else
        ask_for_file("the capture cannot be copied (" .. why .. ")", evidence)
    end
    os.remove(path)
end

local function explain_with_evidence()
    new_dialog("krbwhy: files that travel with the capture", function(evidence, keytab)
        local files = {}
        for _, path in ipairs(split(evidence)) do
            files[#files + 1] = { path = path }
        end
        for _, path in ipairs(split(keytab)) do
            files[#files + 1] = { path = path, keytab = true }
        end
        explain_open_capture(files)
    end, "Evidence (setspn, LDIF, klist, event, ...; a ; between files)", "Keytab")
end

if gui_enabled() then
    register_menu("krbwhy/Why did Kerberos fail?", function() explain_open_capture({}) end, MENU_TOOLS_UNSORTED)
    register_menu("krbwhy/Why did Kerberos fail? With evidence files...", explain_with_evidence, MENU_TOOLS_UNSORTED)
    register_postdissector(proto)
end

-- ---- a report made before: -X lua_script1:report.json, or KRBWHY_REPORT ----

local given = ...
given = type(given) == "string" and given ~= "" and given or os.getenv("KRBWHY_REPORT")
if given then
    local text = read_all(given)
    local good, report = pcall(json.parse, text or "")
    local why = not text and "cannot be read" or (not good or type(report) ~= "table" or report.schema ~= "krbwhy/1") and
        "is no report of krbwhy -f json" or select(2, mark(report))
    if why then
        error("krbwhy: " .. given .. " " .. why, 0)
    end
    if not gui_enabled() then
        register_postdissector(proto)
    end
end

-- For tests.
return { json = json, run = run, show = show }
