#include "common/cache/redis_scripts.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_format.h"

namespace baimi::cache::internal {

std::string Digits(int64_t number) {
  return absl::StrFormat("%019d", std::max<int64_t>(number, 0));
}

std::string TimeDigits(absl::Time time) {
  return Digits(time == absl::InfiniteFuture() ? std::numeric_limits<int64_t>::max()
                                               : absl::ToUnixMicros(time));
}

const redis::Script& PutScript() {
  static const auto* const script = new redis::Script(R"lua(
local key, version, expiry, now, ms, value = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local none = string.rep('0', 19)
local head = redis.call('GETRANGE', key, 0, 57)
local guard, old = none, none
if #head == 58 then
  old, guard = head:sub(1, 19), head:sub(39, 57)
  local live = head:sub(58) == 'v' and now < head:sub(20, 38)
  if version < old and (live or now < guard) then return 0 end
  if now >= guard then guard = none end
end
local guard_ms = 0
if guard ~= none then
  guard_ms = math.ceil((tonumber(guard) - tonumber(now)) / 1000)
end
local bytes = version .. expiry .. guard .. 'v' .. value
local set
if ms == '' then
  set = redis.pcall('SET', key, bytes)
else
  set = redis.pcall('SET', key, bytes, 'PX', string.format('%.0f', math.max(tonumber(ms), guard_ms)))
end
if type(set) == 'table' and set.err then
  redis.call('DEL', key)
  if guard ~= none then
    redis.call('SET', key, old .. none .. guard .. 't', 'PX', string.format('%.0f', guard_ms))
  end
  return set
end
return 1
)lua");
  return *script;
}

const redis::Script& InvalidateScript() {
  static const auto* const script = new redis::Script(R"lua(
local key, version, now, guard, ms = KEYS[1], ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local head = redis.call('GETRANGE', key, 0, 57)
if #head == 58 then
  local old = head:sub(1, 19)
  local live = head:sub(58) == 'v' and now < head:sub(20, 38)
  if live and old >= version then
    local left = redis.call('PTTL', key)
    if left >= 0 then
      redis.call('PEXPIRE', key, string.format('%.0f', math.max(left, ms)))
    else
      redis.call('PERSIST', key)
    end
    redis.call('SETRANGE', key, 38, guard)
    return 0
  end
  if (live or now < head:sub(39, 57)) and old > version then version = old end
end
redis.call('DEL', key)
redis.call('SET', key, version .. string.rep('0', 19) .. guard .. 't', 'PX', ARGV[4])
return 1
)lua");
  return *script;
}

}  // namespace baimi::cache::internal
