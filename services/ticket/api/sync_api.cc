#include "services/ticket/api/sync_api.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/journal/log.h"
#include "common/resource/validate.h"
#include "services/ticket/api/item_errors.h"
#include "services/ticket/domain/duplicates.h"
#include "services/ticket/domain/marks.h"
#include "services/ticket/domain/proto_time.h"

namespace baimi::ticket::api {
namespace {

constexpr int kMostDuplicates = 5;
constexpr int kMostEvents = 200;
// Records that one call looks at for events of the caller's orders.
constexpr int kMostRecords = 2'000;

absl::Status CheckIds(const v1::SyncTicketsRequest& request) {
  std::set<std::string> seen;
  for (int i = 0; i < request.drafts_size(); ++i) {
    const std::string& id = request.drafts(i).request_id();
    if (!seen.insert(id).second) {
      return InvalidField(absl::StrCat("drafts[", i, "].request_id"), id,
                          "an id of its own for each draft", "每件草稿各用一个编号");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCount(int drafts, int most) {
  return drafts <= most ? absl::OkStatus()
                        : InvalidField("drafts", absl::StrCat(drafts, " drafts"),
                                       absl::StrCat("at most ", most, ", the policy's max_bulk"),
                                       absl::StrCat("不超过政策规定的", most, "件"));
}

// nullopt: from now on.
absl::StatusOr<std::optional<int64_t>> CursorOf(const std::string& cursor) {
  int64_t after = 0;
  if (cursor.empty()) {
    return std::nullopt;
  }
  if (!absl::SimpleAtoi(cursor, &after) || after < 0) {
    return InvalidField("cursor", cursor, "a cursor that a sync gave, or \"0\"",
                        "同步返回的游标，或 \"0\"");
  }
  return std::make_optional(after);
}

absl::Status CheckAtMost(int64_t after, int64_t head) {
  return after <= head ? absl::OkStatus()
                       : Error(absl::StatusCode::kOutOfRange, type::v1::ERROR_REASON_CURSOR_TOO_OLD,
                               absl::StrCat("cursor: got ", after, ", want at most ", head,
                                            "; the journal is another one than when it was given"),
                               "游标超出日志范围，请从空游标重新开始")
                             .With("head", absl::StrCat(head))
                             .Build();
}

}  // namespace

struct SyncApi::Filing {
  std::shared_ptr<TicketApi::Draft> draft;
  // The sequence of its own commit.
  std::shared_ptr<std::atomic<int64_t>> seq;
  Async<v1::Ticket> ticket;
};

SyncApi::SyncApi(const Parts& parts, TicketApi* tickets, SearchApi* search)
    : parts_(parts),
      tickets_(tickets),
      search_(search),
      create_(rpc::Method::Resolve(v1::CreateTicketRequest::descriptor()
                                       ->file()
                                       ->FindServiceByName("TicketService")
                                       ->FindMethodByName("CreateTicket"))) {}

SyncApi::Filing SyncApi::Begin(const Call& call, const v1::SyncTicketsRequest& request,
                               const v1::SyncDraft& draft) const {
  v1::CreateTicketRequest create;
  create.set_parent(request.parent());
  *create.mutable_ticket() = draft.ticket();
  create.set_request_id(draft.request_id());
  Call own = call;
  own.method = (*create_)->full_name();
  own.request_id = draft.request_id();
  own.fingerprint = (*create_)->Fingerprint(create);
  own.committed_seq = std::make_shared<std::atomic<int64_t>>(0);
  Filing filing{std::make_shared<TicketApi::Draft>(), own.committed_seq, absl::UnknownError("")};
  if (draft.has_client_time()) {
    filing.draft->written = std::min(domain::FromProto(draft.client_time()), call.now);
  }
  const absl::Status valid = resource::Validate(&create, call.now);
  filing.ticket = valid.ok() ? tickets_->CreateFrom(own, create, filing.draft) : valid;
  return filing;
}

absl::StatusOr<v1::SyncResult> SyncApi::End(const Call& call, const v1::SyncDraft& draft,
                                            Filing filing) const {
  v1::SyncResult result;
  result.set_request_id(draft.request_id());
  const absl::StatusOr<v1::Ticket> ticket = std::move(filing.ticket).Wait();
  if (!ticket.ok()) {
    if (!IsRefusal(ticket.status())) {
      return ticket.status();
    }
    result.set_outcome(v1::NOT_FILED);
    SetError(ticket.status(), &result);
    return result;
  }
  if (call.committed_seq != nullptr && filing.seq->load() > call.committed_seq->load()) {
    call.committed_seq->store(filing.seq->load());
  }
  const bool filed = ticket->name() == filing.draft->given_name;
  result.set_outcome(filed ? v1::FILED : v1::ALREADY_FILED);
  result.set_ticket(ticket->name());
  result.set_state(ticket->state());
  result.set_etag(ticket->etag());
  if (filed && MaySearch(call).ok()) {
    BAIMI_RETURN_IF_ERROR(AddDuplicates(call, *ticket, &result));
  }
  return result;
}

absl::Status SyncApi::AddDuplicates(const Call& call, const v1::Ticket& ticket,
                                    v1::SyncResult* result) const {
  BAIMI_ASSIGN_OR_RETURN(const v1::FindDuplicatesResponse found,
                         search_->DuplicatesOf(call, ticket, kMostDuplicates));
  for (const v1::DuplicateCandidate& candidate : found.candidates()) {
    v1::SyncDuplicate& duplicate = *result->add_duplicates();
    duplicate.set_ticket(candidate.ticket().name());
    duplicate.set_advice(candidate.advice());
    duplicate.set_target(candidate.target());
  }
  return absl::OkStatus();
}

absl::Status SyncApi::AddEvents(const Call& call, const std::string& cursor,
                                v1::SyncTicketsResponse* response) const {
  BAIMI_ASSIGN_OR_RETURN(const std::optional<int64_t> from, CursorOf(cursor));
  return parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
    response->clear_events();
    BAIMI_ASSIGN_OR_RETURN(const int64_t head,
                           journal::HeadSeq(reader, call.county, journal::kMainStream));
    int64_t after = from.value_or(head);
    BAIMI_RETURN_IF_ERROR(CheckAtMost(after, head));
    std::map<std::string, bool> own;
    const auto is_own = [&](const std::string& name) -> absl::StatusOr<bool> {
      const auto known = own.find(name);
      if (known != own.end()) {
        return known->second;
      }
      const absl::StatusOr<store::TicketRow> row = LoadVisible(parts_, reader, call, name);
      if (!row.ok() && !absl::IsNotFound(row.status()) &&
          ReasonOf(row.status()) != "DATA_SHREDDED") {
        return row.status();
      }
      return own[name] = row.ok() && domain::IsFiler(row->ticket, call.actor);
    };
    BAIMI_RETURN_IF_ERROR(journal::ReadStream(
        reader, call.county, journal::kMainStream, after, kMostRecords,
        [&](const type::v1::JournalRecord& record) -> absl::Status {
          if (response->events_size() == kMostEvents) {
            return absl::OkStatus();
          }
          after = record.seq();
          if (record.type() != v1::TicketFact::descriptor()->full_name()) {
            return absl::OkStatus();
          }
          BAIMI_ASSIGN_OR_RETURN(const bool seen, is_own(record.resource()));
          if (seen) {
            BAIMI_ASSIGN_OR_RETURN(*response->add_events(), ToTicketEvent(*parts_.vault, record));
          }
          return absl::OkStatus();
        }));
    response->set_cursor(absl::StrCat(after));
    response->set_more(after < head);
    return absl::OkStatus();
  });
}

Async<v1::SyncTicketsResponse> SyncApi::Sync(const Call& call,
                                             const v1::SyncTicketsRequest& request) {
  BAIMI_RETURN_IF_ERROR(create_.status());
  BAIMI_RETURN_IF_ERROR(CheckIds(request));
  BAIMI_RETURN_IF_ERROR(CursorOf(request.cursor()).status());
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(const auto policy,
                               parts_.policies->At(reader, call.county, call.now));
        return CheckCount(request.drafts_size(), domain::MaxBulk(policy->policy()));
      }));
  std::vector<Filing> filings;
  for (const v1::SyncDraft& draft : request.drafts()) {
    filings.push_back(Begin(call, request, draft));
  }
  v1::SyncTicketsResponse response;
  absl::Status failed;
  for (int i = 0; i < request.drafts_size(); ++i) {
    absl::StatusOr<v1::SyncResult> result =
        End(call, request.drafts(i), std::move(filings[static_cast<size_t>(i)]));
    if (!result.ok()) {
      failed.Update(result.status());
      continue;
    }
    response.set_filed(response.filed() + (result->outcome() == v1::FILED ? 1 : 0));
    *response.add_results() = *std::move(result);
  }
  BAIMI_RETURN_IF_ERROR(failed);
  BAIMI_RETURN_IF_ERROR(AddEvents(call, request.cursor(), &response));
  return response;
}

}  // namespace baimi::ticket::api
