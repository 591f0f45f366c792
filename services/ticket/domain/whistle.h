// 吹哨报到 (domain.md R1.8). Pure.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_WHISTLE_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_WHISTLE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/cooperation.pb.h"
#include "baimi/ticket/v1/cooperation_events.pb.h"
#include "baimi/ticket/v1/whistle_service.pb.h"
#include "services/ticket/domain/catalogue.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

v1::Whistle Apply(v1::Whistle row, const v1::WhistleFact& fact);

struct WhistleStep {
  v1::Whistle whistle;
  v1::WhistleFact fact;
};

// The names to resolve before BlowWhistle: the whistler, the units called, and of an order (may be
// null) the unit complained of.
std::vector<std::string> UnitsNeeded(const v1::CreateWhistleRequest& request,
                                     const v1::Ticket* ticket, const type::v1::Actor& actor);

// `ticket`: the order that the request names; null without one.
// INVALID_ARGUMENT: a time that is not after now, none where the policy has no whistle_period, no
// call, a unit called twice, or the whistler itself, or one of another county; UNKNOWN_UNIT.
// FAILED_PRECONDITION: NOT_APPLICABLE unless a township or community calls departments or
// utilities; RECUSED for a unit that may not know of the order. NOT_INVOLVED: a whistle for another
// unit, or about an order that the whistler neither leads nor helps with nor is told of.
absl::StatusOr<WhistleStep> BlowWhistle(const v1::CreateWhistleRequest& request,
                                        absl::string_view name, const v1::Ticket* ticket,
                                        const UnitsAtHand& units, const Context& context);

// Each: ABORTED by etag; NOT_INVOLVED unless the unit was called; NOT_APPLICABLE when it was done
// before, or the whistle is over (a unit that did not come until then has not come).
absl::StatusOr<WhistleStep> Report(const v1::Whistle& whistle,
                                   const v1::ReportToWhistleRequest& request,
                                   const Context& context);
// NOT_APPLICABLE before the unit reported.
absl::StatusOr<WhistleStep> AnswerWhistle(const v1::Whistle& whistle,
                                          const v1::AnswerWhistleRequest& request,
                                          const Context& context);
// Also when the whistle is over. The whistler rates whoever it called, come or not; a unit rates
// back once it reported. NOT_INVOLVED for anybody else; INVALID_ARGUMENT without a rating.
absl::StatusOr<WhistleStep> Rate(const v1::Whistle& whistle, const v1::RateWhistleRequest& request,
                                 const Context& context);
// The whistler only.
absl::StatusOr<WhistleStep> CloseWhistle(const v1::Whistle& whistle,
                                         const v1::CloseWhistleRequest& request,
                                         const Context& context);

// `unit` (its id or full name) whistled or was called.
bool IsPartOf(const v1::Whistle& whistle, absl::string_view unit);
bool ReportedInTime(const v1::Whistle& whistle, const v1::WhistleCall& call);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_WHISTLE_H_
