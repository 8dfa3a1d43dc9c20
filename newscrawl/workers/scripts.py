"""What Redis does in one step, in its own language, so that no kill comes between two halves."""

PUSH = """
-- KEYS seen, queue, number; ARGV fingerprint or '', score, entry
if ARGV[1] ~= '' and redis.call('SADD', KEYS[1], ARGV[1]) == 0 then return 0 end
local place = string.format('%012d ', redis.call('INCR', KEYS[3]))
redis.call('ZADD', KEYS[2], ARGV[2], place .. ARGV[3])
return 1
"""
"""Add an entry to the queue, unless its fingerprint was seen."""

POP = """
-- KEYS queue, leases, run; ARGV worker, run
if redis.call('HGET', KEYS[3], 'id') ~= ARGV[2] or redis.call('HGET', KEYS[3], 'state') == 'over' then return {} end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if #first == 0 then return {} end
redis.call('ZREM', KEYS[1], first[1])
redis.call('HSET', KEYS[2], first[1], ARGV[1] .. ' ' .. first[2])
return first
"""
"""Lease the first entry of the queue to a worker."""

BEAT = """
-- KEYS run, workers, leases, queue; ARGV worker, run, then entry and score of each lease that it knows of
local known = {}
for at = 3, #ARGV, 2 do known[ARGV[at]] = ARGV[at + 1] end
local id = redis.call('HGET', KEYS[1], 'id')
if not id or id == ARGV[2] then
    redis.call('HINCRBY', KEYS[2], ARGV[1], 1)
    local leases = redis.call('HGETALL', KEYS[3])
    for at = 1, #leases, 2 do
        local worker, score = string.match(leases[at + 1], '^(%S+) (%S+)$')
        if worker == ARGV[1] and not known[leases[at]] then
            -- the answer of a pop was lost
            redis.call('HDEL', KEYS[3], leases[at])
            redis.call('ZADD', KEYS[4], score, leases[at])
        end
    end
    for entry, score in pairs(known) do
        -- Redis has come back without its data
        if redis.call('HEXISTS', KEYS[3], entry) == 0 and not redis.call('ZSCORE', KEYS[4], entry) then
            redis.call('HSET', KEYS[3], entry, ARGV[1] .. ' ' .. score)
        end
    end
end
return {redis.call('HGETALL', KEYS[1]), redis.call('HGETALL', KEYS[2])}
"""
"""Say that a worker lives and what it has in hand; answers the run and the beats of all."""

LEAVE = """
-- KEYS workers, leases, queue, open; ARGV worker, its beat or ''
if ARGV[2] ~= '' and redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return -1 end
redis.call('HDEL', KEYS[1], ARGV[1])
local leases, back = redis.call('HGETALL', KEYS[2]), 0
for at = 1, #leases, 2 do
    local worker, score = string.match(leases[at + 1], '^(%S+) (%S+)$')
    if worker == ARGV[1] then
        redis.call('HDEL', KEYS[2], leases[at])
        redis.call('ZADD', KEYS[3], score, leases[at])
        back = back + 1
    end
end
for _, one in ipairs(redis.call('ZRANGE', KEYS[4], 0, -1)) do
    if string.sub(one, 1, #ARGV[1] + 1) == ARGV[1] .. ' ' then redis.call('ZREM', KEYS[4], one) end
end
return back
"""
"""Take a worker out, unless it has given a sign of life since; what it had in hand goes back to the queue."""

TAKE = """
-- KEYS slot, open, run; ARGV milliseconds between requests, most open at once, who, milliseconds it may take
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local from = tonumber(redis.call('HGET', KEYS[1], 'from') or '0')
-- A day is the longest that a site may ask for: a clock was moved
if from > now + 86400000 then from = now end
if from > now then return {from - now, 0} end
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[2]) then return {20, 0} end
redis.call('HSET', KEYS[1], 'from', now + math.ceil(ARGV[1]))
redis.call('ZADD', KEYS[2], now + math.ceil(ARGV[4]), ARGV[3])
redis.call('PEXPIRE', KEYS[1], 172800000)
redis.call('PEXPIRE', KEYS[2], 172800000)
return {0, redis.call('HINCRBY', KEYS[3], 'requests', 1)}
"""
"""Ask to send a request to a site: milliseconds to wait, 0 for now; and how many the run has sent."""

HOLD = """
-- KEYS slot; ARGV milliseconds
local clock = redis.call('TIME')
local till = clock[1] * 1000 + math.floor(clock[2] / 1000) + math.ceil(ARGV[1])
if till > tonumber(redis.call('HGET', KEYS[1], 'from') or '0') then redis.call('HSET', KEYS[1], 'from', till) end
redis.call('PEXPIRE', KEYS[1], 172800000)
return 0
"""
"""Let nobody send anything to a site for a while."""
