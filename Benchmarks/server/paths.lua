-- Gets the paths of a file, one a line, each thread starting at another place, and goes round.
-- Arguments after "--": the file, how many requests were made before (so that a next run goes on where one ended), and how
-- many milliseconds a connection waits before each request (none unless given).

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(arguments)
  requests = {}
  for line in io.lines(arguments[1]) do
    table.insert(requests, wrk.format("GET", line))
  end
  place = tonumber(arguments[2]) + math.floor(#requests * number / 2)
  think = tonumber(arguments[3] or "0")
  failed = 0
end

function delay()
  -- Spread, so that the connections do not come all at once.
  return think * (0.5 + math.random())
end

function request()
  place = place + 1
  return requests[place % #requests + 1]
end

function response(status, headers, body)
  if status ~= 200 then failed = failed + 1 end
end

function done(summary, latency, requests)
  local bad = 0
  for _, thread in ipairs(threads) do bad = bad + thread:get("failed") end
  io.write(string.format(
    'RESULT {"seconds":%f,"requests":%d,"failed":%d,"p50_ms":%f,"p99_ms":%f}\n',
    summary.duration / 1e6, summary.requests, bad, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
