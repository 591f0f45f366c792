// Collects what is wrong with a request.
#ifndef BAIMI_COMMON_RESOURCE_VIOLATIONS_H_
#define BAIMI_COMMON_RESOURCE_VIOLATIONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"

namespace baimi::resource {

// Where a walk through a message stands. Made on the stack, so parents outlive their children; it
// costs nothing until there is a violation to name.
struct FieldPlace {
  const FieldPlace* parent = nullptr;  // Null at the top level.
  const google::protobuf::FieldDescriptor* field = nullptr;
  int index = -1;  // In a list.

  // "ticket.caller.phone", "grids[2].code".
  std::string Path() const;
};

class Violations {
 public:
  // Further ones are dropped from `limit` on.
  explicit Violations(int limit) : limit_(static_cast<size_t>(limit)) {}

  void Add(const FieldPlace& place, absl::string_view got, absl::string_view want,
           absl::string_view want_zh);
  // An INVALID_ARGUMENT with one violation, as InvalidField makes them.
  void Add(absl::Status violation);

  bool full() const { return found_.size() >= limit_; }
  // OK, the one violation, or one error with all of them whose message is the first's.
  absl::Status Result() const;

 private:
  size_t limit_;
  std::vector<absl::Status> found_;
};

}  // namespace baimi::resource

#endif  // BAIMI_COMMON_RESOURCE_VIOLATIONS_H_
