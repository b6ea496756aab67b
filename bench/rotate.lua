-- Asks the paths of the file BENCH_PATHS in turn, then writes the figures as one line of JSON.
local asked, turn = {}, 0

function init()
  for path in io.lines(os.getenv("BENCH_PATHS")) do
    asked[#asked + 1] = wrk.format("GET", path)
  end
end

function request()
  turn = turn % #asked + 1
  return asked[turn]
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.3f, "p50_ms": %.2f, "p99_ms": %.2f, "bad": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
end
