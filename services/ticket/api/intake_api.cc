#include "services/ticket/api/intake_api.h"

#include "common/base/status_macros.h"
#include "services/ticket/domain/answers.h"

namespace baimi::ticket::api {

Async<v1::Ticket> IntakeApi::Reclassify(const Call& call,
                                        const v1::ReclassifyTicketRequest& request) {
  return orders_.Change(call, request.name(),
                        [request](const v1::Ticket& ticket, const domain::Context& context) {
                          return domain::Reclassify(ticket, request, context);
                        });
}

Async<v1::GetQuestionsResponse> IntakeApi::GetQuestions(const Call& call,
                                                        const v1::GetQuestionsRequest& request) {
  v1::GetQuestionsResponse response;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        response.Clear();
        BAIMI_ASSIGN_OR_RETURN(const auto policy,
                               parts_.policies->At(reader, call.county, call.now));
        BAIMI_RETURN_IF_ERROR(
            domain::CheckCategory("category", request.category(), {call.now, call.actor, *policy}));
        response.set_policy_version(policy->policy().version());
        for (const v1::Question* question :
             domain::QuestionsOf(policy->policy(), request.category())) {
          *response.add_questions() = *question;
        }
        return absl::OkStatus();
      }));
  return response;
}

}  // namespace baimi::ticket::api
