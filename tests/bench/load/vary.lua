-- GET requests in which one or two numbers go up; what came of them is printed as one line of JSON.
-- Arguments: first number of the count, how many values the first number takes, its least value, the parts of the path.
local count, wide, least, parts

function init(args)
  if #args > 0 then
    count, wide, least = tonumber(args[1]), tonumber(args[2]), tonumber(args[3])
    parts = { args[4], args[5], args[6] }
    request = vary
  end
end

function vary()
  count = count + 1
  local path = parts[1] .. (least + count % wide) .. parts[2]
  if parts[3] then
    path = path .. math.floor(count / wide) .. parts[3]
  end
  return wrk.format("GET", path)
end

function done(summary, latency, requests)
  local failed = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status
    + summary.errors.timeout
  io.write(string.format('\n{"requests": %d, "seconds": %.6f, "failed": %d, "bytes": %d}\n',
    summary.requests, summary.duration / 1e6, failed, summary.bytes))
end
