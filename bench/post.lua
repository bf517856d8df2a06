-- wrk's script: posts the bodies in a file, one per line or the whole file as one body, and prints the results as JSON.
-- arguments: file, content type, "single" or "batch"

local requests, number = {}, 0

function init(arguments)
  local headers = { ["Content-Type"] = arguments[2] }
  if arguments[3] == "batch" then
    local file = assert(io.open(arguments[1], "rb"))
    requests[1] = wrk.format("POST", nil, headers, file:read("*a"))
    file:close()
    return
  end
  for line in io.lines(arguments[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, headers, line)
  end
end

function request()
  number = number % #requests + 1
  return requests[number]
end

function done(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "errors": %d, "median": %f, "slow": %f}\n',
    summary.requests, summary.duration / 1e6, broken,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
