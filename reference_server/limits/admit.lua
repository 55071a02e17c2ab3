-- Decides about all charges of one request and counts them: all, or none. A script runs alone in the server, so this is one step.
-- KEYS[i]   the counter of charge i
-- ARGV[1]   the time in microseconds, or '' for the server's own clock (the only clock that all gateways share)
-- ARGV[...] four per charge:  'rate', limit, window_us, ''   |   'budget', total_nano, window_us, cost_nano
-- Answer    {0, period_us of each budget charge...}   |   {index from 1, used, wait_us or -1 where waiting does not help}
--
-- A rate limit is a list of the time stamps of the last `limit` counted requests; a budget is a hash of period and spent.
-- Numbers stay below 2^53, where Lua's doubles are exact; '%.0f' writes them without an exponent.

local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000000 + tonumber(time[2])
end

local function text(number) return string.format('%.0f', number) end

-- One second more than needed: expiry only tidies up, the decision reads the stamps.
local function expire(key, left_us)
  redis.call('PEXPIRE', key, text(math.ceil(left_us / 1000) + 1000))
end

local function account(charge)
  local kept = redis.call('HMGET', charge.key, 'period', 'spent')
  local period, spent = tonumber(kept[1] or nil), tonumber(kept[2] or nil)
  if period and (charge.window == 0 or now < period + charge.window) then return period, spent end
  return charge.window == 0 and 0 or now, 0
end

local refuses = {}

function refuses.rate(charge)
  if charge.limit == 0 then return 0, charge.window end
  local stamp = redis.call('LINDEX', charge.key, text(-charge.limit))
  if not stamp then return nil end
  local wait = tonumber(stamp) + charge.window - now
  if wait > 0 then return charge.limit, wait end
end

function refuses.budget(charge)
  charge.period, charge.spent = account(charge)
  if charge.spent < charge.limit and charge.cost <= charge.limit - charge.spent then return nil end
  local renews = charge.window > 0 and charge.limit > 0 and charge.cost <= charge.limit
  return charge.spent, renews and charge.period + charge.window - now or -1
end

local count = {}

function count.rate(charge)
  redis.call('RPUSH', charge.key, text(now))
  redis.call('LTRIM', charge.key, text(-charge.limit), '-1')
  expire(charge.key, charge.window)
end

function count.budget(charge)
  redis.call('HSET', charge.key, 'period', text(charge.period), 'spent', text(charge.spent + charge.cost))
  if charge.window == 0 then redis.call('PERSIST', charge.key) else expire(charge.key, charge.period + charge.window - now) end
  return charge.period
end

local charges = {}
for i, key in ipairs(KEYS) do
  local at = 4 * i - 2
  charges[i] = {
    key = key, kind = ARGV[at],
    limit = tonumber(ARGV[at + 1]), window = tonumber(ARGV[at + 2]), cost = tonumber(ARGV[at + 3]),
  }
end

local refusal
for i, charge in ipairs(charges) do
  local used, wait = refuses[charge.kind](charge)
  if used and (not refusal or (refusal[3] ~= -1 and (wait == -1 or wait > refusal[3]))) then refusal = {i, used, wait} end
end
if refusal then return refusal end

local periods = {0}
for _, charge in ipairs(charges) do
  local period = count[charge.kind](charge)
  if period then periods[#periods + 1] = period end
end
return periods
