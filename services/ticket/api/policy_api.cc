#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/api/ticket_api.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::api {
namespace {

std::string PolicyName(absl::string_view county, int32_t version) {
  return absl::StrCat("counties/", county, "/ticketPolicies/", version);
}

}  // namespace

Async<v1::TicketPolicy> PolicyApi::Create(const Call& call,
                                          const v1::CreateTicketPolicyRequest& request) {
  BAIMI_RETURN_IF_ERROR(domain::ValidatePolicy(request.ticket_policy(), call.county));
  Async<v1::TicketPolicy> created = parts_.writer->Execute<v1::TicketPolicy>(
      call, [this, request](journal::Tx& tx) -> absl::StatusOr<v1::TicketPolicy> {
        v1::TicketPolicy policy = request.ticket_policy();
        BAIMI_ASSIGN_OR_RETURN(const int32_t latest,
                               parts_.store->LatestPolicyVersion(tx.sql(), tx.county()));
        if (!policy.has_effective_time()) {
          *policy.mutable_effective_time() = domain::ToProto(tx.now());
        }
        if (latest > 0) {
          BAIMI_ASSIGN_OR_RETURN(const v1::TicketPolicy before,
                                 parts_.store->LoadPolicy(tx.sql(), tx.county(), latest));
          const absl::Time earlier = domain::FromProto(before.effective_time());
          const absl::Time wanted = domain::FromProto(policy.effective_time());
          if (wanted <= earlier) {
            return InvalidField("ticket_policy.effective_time", absl::FormatTime(wanted),
                                absl::StrCat("later than ", absl::FormatTime(earlier)),
                                "晚于上一版本的生效时间");
          }
        }
        policy.set_version(latest + 1);
        policy.set_name(PolicyName(tx.county(), policy.version()));
        // Proves that the calendar days fit before anything depends on them.
        BAIMI_RETURN_IF_ERROR(
            domain::PolicyInForce::Make(policy, parts_.policies->national()).status());
        BAIMI_RETURN_IF_ERROR(parts_.store->InsertPolicy(tx, policy));
        v1::PolicyCreated event;
        *event.mutable_policy() = policy;
        BAIMI_RETURN_IF_ERROR(tx.Record(policy.name(), event, privacy::kNoKey).status());
        return policy;
      });
  Promise<v1::TicketPolicy> promise;
  Async<v1::TicketPolicy> told = promise.async();
  std::move(created).Then([changed = parts_.policy_changed, promise = std::move(promise)](
                              absl::StatusOr<v1::TicketPolicy> policy) mutable {
    if (policy.ok()) {
      changed();
    }
    promise.Set(std::move(policy));
  });
  return told;
}

Async<v1::TicketPolicy> PolicyApi::Get(const Call& call,
                                       const v1::GetTicketPolicyRequest& request) {
  const absl::string_view id = store::LastSegment(request.name());
  v1::TicketPolicy policy;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        int32_t version = 0;
        if (id == "current") {
          BAIMI_ASSIGN_OR_RETURN(version,
                                 parts_.store->PolicyVersionAt(reader, call.county, call.now));
        } else if (!absl::SimpleAtoi(id, &version)) {
          return NotFound(request.name());
        }
        if (version <= 0) {
          return NotFound(request.name());
        }
        BAIMI_ASSIGN_OR_RETURN(policy, parts_.store->LoadPolicy(reader, call.county, version));
        return absl::OkStatus();
      }));
  return policy;
}

Async<v1::ListTicketPoliciesResponse> PolicyApi::List(
    const Call& call, const v1::ListTicketPoliciesRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  int32_t below = 0;
  if (!cursor.last_key.empty() && !absl::SimpleAtoi(cursor.last_key[0], &below)) {
    return Internal("page token: a version that is no number");
  }
  std::vector<v1::TicketPolicy> policies;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(policies,
                               parts_.store->ListPolicies(reader, call.county, below, size + 1));
        return absl::OkStatus();
      }));
  v1::ListTicketPoliciesResponse response;
  for (size_t i = 0; i < policies.size() && i < static_cast<size_t>(size); ++i) {
    *response.add_ticket_policies() = std::move(policies[i]);
  }
  if (policies.size() > static_cast<size_t>(size)) {
    response.set_next_page_token(
        parts_.tokens->Make(query, {{absl::StrCat(response.ticket_policies(size - 1).version())}}));
  }
  return response;
}

}  // namespace baimi::ticket::api
