-- Gives spent money back to the budget periods it was taken from; a period that has ended takes nothing back.
-- KEYS[i]   the counter of spending i
-- ARGV[...] two per spending: period_us, cost_nano

for i, key in ipairs(KEYS) do
  local kept = redis.call('HMGET', key, 'period', 'spent')
  if kept[1] and tonumber(kept[1]) == tonumber(ARGV[2 * i - 1]) then
    local left = math.max(0, tonumber(kept[2]) - tonumber(ARGV[2 * i]))
    redis.call('HSET', key, 'spent', string.format('%.0f', left))
  end
end
return #KEYS
