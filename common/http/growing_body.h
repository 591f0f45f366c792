// A body that the parser appends to a string. Unlike Beast's string_body it reserves no more than a
// part of what a client announces: the string may be taken away while more comes. Internal to
// common/http.
#ifndef BAIMI_COMMON_HTTP_GROWING_BODY_H_
#define BAIMI_COMMON_HTTP_GROWING_BODY_H_

#include <algorithm>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>
#include <cstdint>
#include <string>

namespace baimi::http {

struct GrowingBody {
  using value_type = std::string;

  class reader {
   public:
    template <bool isRequest, class Fields>
    reader(boost::beast::http::header<isRequest, Fields>&, value_type& body) : body_(body) {}

    void init(const boost::optional<std::uint64_t>& length, boost::beast::error_code& error) {
      constexpr std::uint64_t kMost = 256 << 10;
      body_.reserve(static_cast<size_t>(std::min(length.value_or(0), kMost)));
      error = {};
    }
    template <class Buffers>
    size_t put(const Buffers& buffers, boost::beast::error_code& error) {
      size_t all = 0;
      for (const auto buffer : boost::beast::buffers_range_ref(buffers)) {
        body_.append(static_cast<const char*>(buffer.data()), buffer.size());
        all += buffer.size();
      }
      error = {};
      return all;
    }
    void finish(boost::beast::error_code& error) { error = {}; }

   private:
    value_type& body_;
  };
};

}  // namespace baimi::http

#endif  // BAIMI_COMMON_HTTP_GROWING_BODY_H_
