// Method and path to a route. Built once, then immutable and safe for any number of threads.
#ifndef BAIMI_COMMON_TRANSCODE_ROUTE_TRIE_H_
#define BAIMI_COMMON_TRANSCODE_ROUTE_TRIE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/transcode/path_template.h"

namespace baimi::transcode {

class RouteTrie {
 public:
  struct Hit {
    int id = 0;
    // Decoded, one for each variable of the template, in its order. A variable of several segments
    // keeps %2F encoded.
    std::vector<std::string> values;
  };

  // ALREADY_EXISTS when a template of the same shape has `method` already. `id` is any number >= 0.
  absl::Status Add(PathTemplate path, absl::string_view method, int id);

  // `path` is raw, without query. Literals win over *, * over **, segment by segment from the left;
  // among the templates that match, the first that has `method` is taken. Slashes are never
  // collapsed. What follows an unescaped ':' in the last segment is the verb and nothing else.
  // NOT_FOUND with NO_SUCH_METHOD when no template matches; UNIMPLEMENTED with METHOD_NOT_ALLOWED
  // and metadata `allow` ("GET, POST") when one does under other methods; INVALID_ARGUMENT for bad
  // percent encoding. HEAD falls back to GET.
  absl::StatusOr<Hit> Find(absl::string_view method, absl::string_view path) const;

 private:
  struct Leaf {
    PathTemplate path;
    int id;
  };
  struct Node {
    std::map<std::string, std::unique_ptr<Node>> literals;
    std::unique_ptr<Node> one;
    // verb -> method -> leaf, for paths that end here and for those that go on under "**".
    using Leaves = std::map<std::string, std::map<std::string, Leaf>>;
    Leaves ends;
    Leaves many;
  };
  struct Search;

  static const Leaf* Walk(const Node& node, size_t depth, Search& search);
  static const Leaf* Take(const Node::Leaves& leaves, Search& search);

  Node root_;
};

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_ROUTE_TRIE_H_
