// Who asks for what, under which limits: the context that every use case receives. Filled by the
// RPC pipeline, plain data, freely copied into closures.
#ifndef BAIMI_COMMON_BASE_CALL_H_
#define BAIMI_COMMON_BASE_CALL_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/type/v1/types.pb.h"

namespace baimi {

// How much of a personal field the caller sees (domain.md §7.5). The default shows least.
enum class PiiView { kPublic, kStaff, kFull };

// Which rows of the county the caller may see or touch. Outside it a row is NOT_FOUND.
struct RowScope {
  // No restriction inside the county. When false, a row must match `area_prefixes` or `units`.
  bool whole_county = false;
  // Prefixes of 12- or 15-digit codes, e.g. "469030100" for one township.
  std::vector<std::string> area_prefixes;
  // Unit ids: rows whose handling unit is one of them.
  std::vector<std::string> units;
};

struct Call {
  type::v1::Actor actor;
  // 6 digits, taken from the request field that the method's policy names. Empty for calls that
  // address no county.
  std::string county;
  // "/baimi.ticket.v1.TicketService/DispatchTicket".
  std::string method;
  // As sent in the request; empty for reads.
  std::string request_id;
  // Hash of the request without request_id; empty when request_id is.
  std::string fingerprint;
  // The request asks for checks only: everything is done and nothing is kept.
  bool validate_only = false;
  // 32 and 16 hex digits (W3C trace context).
  std::string trace_id;
  std::string span_id;
  // The service clock when the call was admitted. Use cases use this and ask no clock.
  absl::Time now;
  absl::Time deadline = absl::InfiniteFuture();
  // The same instant on the machine's own clock, which is what databases measure by; the two differ
  // when the service clock is simulated.
  absl::Time machine_deadline = absl::InfiniteFuture();
  RowScope scope;
  PiiView pii_view = PiiView::kPublic;
  // Why contact data is read; empty when the caller gave none.
  std::string purpose;
  // Answers older than this county sequence are treated as a cache miss (baimi-min-seq).
  int64_t min_seq = 0;
  // Set by a write when it is committed, sent back as baimi-seq. Never null in a served call.
  std::shared_ptr<std::atomic<int64_t>> committed_seq;
};

}  // namespace baimi

#endif  // BAIMI_COMMON_BASE_CALL_H_
