#include "common/sql/nesting.h"

namespace baimi::sql {

thread_local const Nesting* Nesting::innermost_ = nullptr;

bool Nesting::Inside(const void* database) {
  for (const Nesting* n = innermost_; n != nullptr; n = n->outer_) {
    if (n->database_ == database) {
      return true;
    }
  }
  return false;
}

}  // namespace baimi::sql
