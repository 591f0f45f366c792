// Values on the wire: parameters in, result columns out, both in PostgreSQL's binary formats.
#ifndef BAIMI_COMMON_SQL_POSTGRES_VALUES_H_
#define BAIMI_COMMON_SQL_POSTGRES_VALUES_H_

#include <libpq-fe.h>

#include <memory>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "common/sql/database.h"

namespace baimi::sql::postgres {

// Parameters of one execution as libpq takes them.
class Arguments {
 public:
  // Converts each value to the type that the server found for it. With `keep` text and bytes are
  // copied, otherwise they are viewed. INVALID_ARGUMENT as CheckParams; INTERNAL for a wrong number
  // or type; FAILED_PRECONDITION for a number that the column's type does not hold.
  absl::Status Set(const Statement& statement, absl::Span<const Oid> types, Params params,
                   bool keep);

  // Valid until this object changes or moves.
  int size() const { return static_cast<int>(slots_.size()); }
  const char* const* values();
  const int* lengths() const { return lengths_.data(); }
  const int* formats() const { return formats_.data(); }

 private:
  // Where a value stands: outside, or at an offset of `own_`.
  struct Slot {
    const char* outside = nullptr;
    size_t offset = 0;
    bool null = false;
  };

  absl::Status SetOne(Oid type, const Param::Variant& value, bool keep);
  absl::Status Number(Oid type, int64_t value);
  absl::Status Float(Oid type, double value);
  absl::Status Raw(absl::string_view bytes, bool keep);
  absl::Status Own(absl::string_view bytes, int format);

  std::string own_;
  absl::InlinedVector<Slot, 20> slots_;
  absl::InlinedVector<const char*, 20> values_;
  absl::InlinedVector<int, 20> lengths_;
  absl::InlinedVector<int, 20> formats_;
};

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ClearResult>;

// One row of a result that was asked for in binary.
class ResultRow final : public Row {
 public:
  // `result` outlives the row.
  ResultRow(const PGresult* result, int row) : result_(result), row_(row) {}

  bool IsNull(int column) const override;
  int64_t Int64(int column) const override;
  bool Bool(int column) const override;
  double Double(int column) const override;
  absl::string_view Text(int column) const override;
  absl::string_view Bytes(int column) const override;

 private:
  absl::string_view Raw(int column) const;

  const PGresult* const result_;
  const int row_;
};

}  // namespace baimi::sql::postgres

#endif  // BAIMI_COMMON_SQL_POSTGRES_VALUES_H_
