// The values of one message on the wire, as a printer wants them: found by field, in wire order.
#ifndef BAIMI_COMMON_TRANSCODE_PRINT_VALUES_H_
#define BAIMI_COMMON_TRANSCODE_PRINT_VALUES_H_

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "common/transcode/print_plan.h"

namespace baimi::transcode {

// One value as it stands on the wire: a number, or a view.
struct Raw {
  uint64_t number = 0;
  absl::string_view bytes;
};

// Chained by field in the order of the wire. Views the wire, which must outlive it.
class PrintValues {
 public:
  explicit PrintValues(const PrintPlan& plan) : first_(plan.fields.size(), -1), last_(first_) {}

  // Once. False when `wire` is not valid wire format. Fields that the plan does not know, and
  // values of another wire type than its, are left out; packed ones are taken apart.
  bool Read(const PrintPlan& plan, absl::string_view wire);

  // Index of a field's first and last value; -1 when it has none.
  int first(size_t field) const { return first_[field]; }
  int last(size_t field) const { return last_[field]; }
  const Raw& at(int i) const { return values_[static_cast<size_t>(i)].raw; }
  // The field's value after this one; -1 at the end.
  int next(int i) const { return values_[static_cast<size_t>(i)].next; }

 private:
  struct Value {
    Raw raw;
    int next;
  };

  bool Take(const PrintPlan::Field& field, int index, uint32_t wire_type, const Raw& raw);
  void Push(int field, const Raw& raw);

  absl::InlinedVector<int, 32> first_;
  absl::InlinedVector<int, 32> last_;
  absl::InlinedVector<Value, 32> values_;
};

}  // namespace baimi::transcode

#endif  // BAIMI_COMMON_TRANSCODE_PRINT_VALUES_H_
