// Who is told what when something happens to an order: templates of the policy, filled from the
// fact and from nothing personal (NoticeService).
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_NOTICES_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_NOTICES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/events.pb.h"
#include "baimi/ticket/v1/notices.pb.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "services/ticket/domain/policy.h"

namespace baimi::ticket::domain {

struct TemplateFault {
  std::string field;
  std::string got;
  std::string want;
};

// What is wrong with a template of a policy: no event or reader, a brace without its partner, a
// placeholder that nobody knows or that the event has no value for, a refusal code with another
// event.
std::vector<TemplateFault> CheckTemplate(const v1::NoticeTemplate& row);

// What `fact` is for readers; UNSPECIFIED when nobody is told of it.
v1::NoticeEvent EventOf(const v1::TicketFact& fact);

// The notices of `fact`, by the templates of `in_force`, complete but for their names; `ticket` is
// the order as it stands. Text messages are NOTICE_WAITING with try_time after the quiet hours, the
// others NOTICE_DELIVERED. None to the unit complained of in a REPORT, to a caller who is anonymous
// or wants no answer, or to nobody.
std::vector<v1::Notice> NoticesOf(const v1::TicketFact& fact, const v1::Ticket& ticket,
                                  const PolicyInForce& in_force);

// `time`, or the end of the quiet hours that it falls in.
absl::Time AfterQuietHours(absl::Time time, const v1::NoticePolicy& policy);

// The notice after an attempt that failed at `now`: tried again after a pause that doubles each
// time, outside the quiet hours, or given up after the policy's attempts.
void PutOff(absl::string_view failure, absl::Time now, const v1::NoticePolicy& policy,
            v1::Notice* notice);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_NOTICES_H_
