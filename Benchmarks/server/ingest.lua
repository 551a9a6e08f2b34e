-- Posts batches of events, each event new, and counts those that the server acknowledged.
-- Arguments after "--": events in a batch, a word that makes the ids of this run its own.

local threads = {}

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(arguments)
  size = tonumber(arguments[1])
  word = arguments[2]
  sent, accepted, failed = 0, 0, 0
  math.randomseed(number + 1)
  wrk.method = "POST"
  wrk.path = "/v1/events"
  wrk.headers["Content-Type"] = "application/json"
  -- The parts of an event that do not change are made once, so that the client leaves the processor to the server.
  tails = {}
  for i = 1, 1000 do
    tails[i] = string.format(
      '","kind":"purchase","customer_id":"%d","item_id":"%d","order_id":"%d",'
        .. '"timestamp":"2024-05-%02dT%02d:%02d:00Z","quantity":%d,"amount":%.2f,"currency":"USD"}',
      math.random(2500), math.random(20000), math.random(1000000), math.random(28), math.random(0, 23),
      math.random(0, 59), math.random(4), math.random() * 20)
  end
end

function request()
  local parts = {}
  local first = sent * size
  for i = 1, size do
    parts[i] = '{"event_id":"' .. word .. "-" .. number .. "-" .. (first + i) .. tails[(first + i * 7) % 1000 + 1]
  end
  sent = sent + 1
  return wrk.format(nil, nil, nil, "[" .. table.concat(parts, ",") .. "]")
end

function response(status, headers, body)
  local count = status == 200 and tonumber(body:match('"accepted":(%d+)')) or 0
  accepted = accepted + count
  if count ~= size then failed = failed + 1 end
end

function done(summary, latency, requests)
  local total, bad = 0, 0
  for _, thread in ipairs(threads) do
    total = total + thread:get("accepted")
    bad = bad + thread:get("failed")
  end
  io.write(string.format(
    'RESULT {"seconds":%f,"requests":%d,"accepted":%d,"failed":%d,"p50_ms":%f,"p99_ms":%f}\n',
    summary.duration / 1e6, summary.requests, total, bad, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
