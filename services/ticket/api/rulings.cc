#include "services/ticket/api/rulings.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/arbitration.h"
#include "services/ticket/domain/catalogue.h"

namespace baimi::ticket::api {

absl::StatusOr<std::optional<v1::Precedent>> BestPrecedent(const Parts& parts, sql::Reader& reader,
                                                           const v1::Ticket& ticket,
                                                           absl::Time at) {
  BAIMI_ASSIGN_OR_RETURN(const std::vector<v1::Precedent> precedents,
                         parts.rulings->PrecedentsFor(reader, ticket));
  return domain::ChoosePrecedent(precedents, ticket, at);
}

absl::Status CheckSamePrecedent(const std::optional<v1::Precedent>& prepared,
                                const std::optional<v1::Precedent>& now) {
  const bool same = prepared.has_value() == now.has_value() &&
                    (!now || (prepared->name() == now->name() && prepared->etag() == now->etag()));
  return same ? absl::OkStatus()
              : Error(absl::StatusCode::kAborted, v1::ERROR_REASON_RULINGS_CHANGED,
                      "precedent: got another one than when the dispatch was prepared, want the "
                      "call again",
                      "派单期间先例有变，请重试")
                    .Build();
}

absl::Status RecordReturn(const Parts& parts, Orders::Work& work, const store::TicketRow& row,
                          const v1::DecideReturnRequest& request) {
  sql::Tx& sql = work.tx.sql();
  BAIMI_ASSIGN_OR_RETURN(const int before, parts.rulings->CountOf(sql, row.ticket.name()));
  BAIMI_ASSIGN_OR_RETURN(const std::vector<v1::PastRuling> past,
                         parts.rulings->PastRulings(sql, row.ticket, kPastRulings));
  const std::string name = absl::StrCat("counties/", work.tx.county(), "/arbitrations/",
                                        domain::ArbitrationId(row.ticket, before));
  domain::ArbitrationStep step =
      domain::RecordOfReturn(row.ticket, request, name, past, work.context);
  store::ArbitrationRow record{.key = row.key, .seq = work.tx.next_seq()};
  BAIMI_RETURN_IF_ERROR(work.tx.Record(name, step.fact, row.key).status());
  record.arbitration = std::move(step.arbitration);
  return parts.rulings->Insert(sql, record);
}

}  // namespace baimi::ticket::api
