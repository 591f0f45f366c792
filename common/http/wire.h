// What the server writes by itself: heads and refusals. Pure text.
#ifndef BAIMI_COMMON_HTTP_WIRE_H_
#define BAIMI_COMMON_HTTP_WIRE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/http/server.h"

namespace baimi::http {

enum class Framing { kLength, kChunked, kUntilClose };

struct HeadOptions {
  Framing framing = Framing::kLength;
  size_t length = 0;
  bool http10 = false;
  bool keep_alive = true;
};

// Status line, the response's headers and those of `options`, empty line.
std::string SerializeHead(int status, const std::vector<Header>& headers,
                          const HeadOptions& options);

// The answer to what never reaches a handler: 400, 408, 413, 417, 431, 500 or 503, with an AIP-193
// body. `limit` is named by 413 and 431.
Response Refusal(int status, size_t limit = 0);

// "1a\r\n": what precedes the bytes of a chunk; "\r\n" follows them.
std::string ChunkHead(size_t size);

}  // namespace baimi::http

#endif  // BAIMI_COMMON_HTTP_WIRE_H_
