// What Redis answers. Error replies are statuses, not replies.
#ifndef BAIMI_COMMON_REDIS_REPLY_H_
#define BAIMI_COMMON_REDIS_REPLY_H_

#include <cstdint>
#include <string>
#include <vector>

namespace baimi::redis {

struct Reply {
  enum class Kind { kNil, kInteger, kText, kArray };
  Kind kind = Kind::kNil;
  int64_t integer = 0;
  // Of a bulk string or a status line.
  std::string text;
  std::vector<Reply> array;
};

}  // namespace baimi::redis

#endif  // BAIMI_COMMON_REDIS_REPLY_H_
