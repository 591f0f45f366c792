#include "common/transcode/route_trie.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/text/utf8.h"
#include "common/transcode/url.h"

namespace baimi::transcode {

using type::v1::ErrorReason;

struct RouteTrie::Search {
  std::string method;
  std::vector<absl::string_view> raw;
  std::vector<std::string> decoded;
  std::string verb;
  std::set<std::string> allowed;
};

absl::Status RouteTrie::Add(PathTemplate path, absl::string_view method, int id) {
  Node* node = &root_;
  Node::Leaves* leaves = nullptr;
  for (const PathSegment& segment : path.segments) {
    if (segment.kind == PathSegment::kMany) {
      leaves = &node->many;
      break;
    }
    auto& next = segment.kind == PathSegment::kOne ? node->one : node->literals[segment.literal];
    if (next == nullptr) {
      next = std::make_unique<Node>();
    }
    node = next.get();
  }
  if (leaves == nullptr) {
    leaves = &node->ends;
  }
  const std::string shape = path.Shape();
  const std::string verb = path.verb;
  if (!(*leaves)[verb].emplace(std::string(method), Leaf{std::move(path), id}).second) {
    return absl::AlreadyExistsError(absl::StrCat(method, " ", shape, " is routed twice"));
  }
  return absl::OkStatus();
}

const RouteTrie::Leaf* RouteTrie::Take(const Node::Leaves& leaves, Search& search) {
  const auto by_verb = leaves.find(search.verb);
  if (by_verb == leaves.end()) {
    return nullptr;
  }
  const auto leaf = by_verb->second.find(search.method);
  if (leaf != by_verb->second.end()) {
    return &leaf->second;
  }
  for (const auto& [method, other] : by_verb->second) {
    search.allowed.insert(method);
  }
  return nullptr;
}

const RouteTrie::Leaf* RouteTrie::Walk(const Node& node, size_t depth, Search& search) {
  if (depth == search.decoded.size()) {
    const Leaf* leaf = Take(node.ends, search);
    return leaf != nullptr ? leaf : Take(node.many, search);
  }
  const std::string& segment = search.decoded[depth];
  if (const auto next = node.literals.find(segment); next != node.literals.end()) {
    if (const Leaf* leaf = Walk(*next->second, depth + 1, search)) {
      return leaf;
    }
  }
  if (node.one != nullptr && !segment.empty()) {
    if (const Leaf* leaf = Walk(*node.one, depth + 1, search)) {
      return leaf;
    }
  }
  return Take(node.many, search);
}

absl::StatusOr<RouteTrie::Hit> RouteTrie::Find(absl::string_view method,
                                               absl::string_view path) const {
  Search search;
  search.method = std::string(method);
  absl::string_view rest = path;
  const size_t colon = rest.rfind(':');
  if (colon != absl::string_view::npos && rest.find('/', colon) == absl::string_view::npos) {
    BAIMI_ASSIGN_OR_RETURN(search.verb,
                           PercentDecode(rest.substr(colon + 1), Unescape::kAll, "path"));
    rest = rest.substr(0, colon);
  }
  const bool empty_verb = colon != absl::string_view::npos && search.verb.empty();
  const Leaf* leaf = nullptr;
  if (!rest.empty() && rest[0] == '/' && !empty_verb) {
    search.raw = absl::StrSplit(rest.substr(1), '/');
    for (absl::string_view segment : search.raw) {
      BAIMI_ASSIGN_OR_RETURN(std::string text, PercentDecode(segment, Unescape::kAll, "path"));
      search.decoded.push_back(std::move(text));
    }
    leaf = Walk(root_, 0, search);
    if (leaf == nullptr && method == "HEAD") {
      search.method = "GET";
      leaf = Walk(root_, 0, search);
    }
  }
  if (leaf == nullptr) {
    const std::string got = absl::StrCat(text::Printable(method), " ", text::Printable(path, 256));
    if (search.allowed.empty()) {
      return Error(absl::StatusCode::kNotFound, ErrorReason::ERROR_REASON_NO_SUCH_METHOD,
                   absl::StrCat("path: got ", got, ", want a path of the API"),
                   absl::StrCat("没有这个接口：", got));
    }
    const std::string allow = absl::StrJoin(search.allowed, ", ");
    return Error(absl::StatusCode::kUnimplemented, ErrorReason::ERROR_REASON_METHOD_NOT_ALLOWED,
                 absl::StrCat("method: got ", got, ", want ", allow),
                 absl::StrCat("此路径不支持该方法：收到 ", got, "，可用 ", allow))
        .With("allow", allow);
  }
  Hit hit{leaf->id, {}};
  const size_t size = leaf->path.segments.size();
  for (const PathVariable& variable : leaf->path.variables) {
    const bool open = variable.end == size;
    const size_t end = open ? search.raw.size() : variable.end;
    if (!leaf->path.IsMulti(variable)) {
      hit.values.push_back(search.decoded[variable.begin]);
      continue;
    }
    const size_t begin = std::min(variable.begin, end);
    BAIMI_ASSIGN_OR_RETURN(
        std::string value,
        PercentDecode(absl::StrJoin(search.raw.begin() + static_cast<std::ptrdiff_t>(begin),
                                    search.raw.begin() + static_cast<std::ptrdiff_t>(end), "/"),
                      Unescape::kAllButSlash, variable.field_path));
    hit.values.push_back(std::move(value));
  }
  return hit;
}

}  // namespace baimi::transcode
