#include "services/ticket/api/superior_api.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/store/stored_form.h"

namespace baimi::ticket::api {
namespace {

constexpr size_t kDigest = 16;

const RowScope& WholeCounty() {
  static const auto& scope = *new RowScope{.whole_county = true, .area_prefixes = {}, .units = {}};
  return scope;
}

std::string PlatformName(absl::string_view county, absl::string_view platform) {
  return absl::StrCat("counties/", county, "/superiorPlatforms/", platform);
}

absl::Status OutOfRange(absl::string_view field, int64_t got, int64_t last) {
  return Error(absl::StatusCode::kOutOfRange, type::v1::ERROR_REASON_CURSOR_TOO_OLD,
               absl::StrCat(field, ": got ", got, ", want at most ", last),
               absl::StrCat("结果序号最大为 ", last))
      .With("last_seq", absl::StrCat(last));
}

}  // namespace

std::string DigestsOf(const privacy::Vault& vault, absl::string_view number,
                      const std::vector<domain::ContentPart>& parts) {
  std::string digests;
  for (const domain::ContentPart& part : parts) {
    absl::StrAppend(&digests, vault.BlindIndex(absl::StrCat("content.", part.field),
                                               absl::StrCat(number, "\n", part.value)));
  }
  return digests;
}

std::vector<std::string> FieldsThatDiffer(const privacy::Vault& vault, absl::string_view number,
                                          const std::vector<domain::ContentPart>& parts,
                                          absl::string_view before) {
  const std::string now = DigestsOf(vault, number, parts);
  std::vector<std::string> fields;
  for (size_t i = 0; i < parts.size(); ++i) {
    const size_t at = i * kDigest;
    // A field that this build knows and the one before did not was not there then.
    const absl::string_view old = before.size() >= at + kDigest ? before.substr(at, kDigest) : "";
    if (old != absl::string_view(now).substr(at, kDigest)) {
      fields.push_back(parts[i].field);
    }
  }
  return fields;
}

absl::Status SuperiorApi::CheckSpeaks(sql::Reader& reader, const Call& call,
                                      const std::string& platform) const {
  BAIMI_ASSIGN_OR_RETURN(const auto policy, parts_.policies->At(reader, call.county, call.now));
  return domain::SpeaksFor(policy->policy(), platform, call.actor).status();
}

absl::StatusOr<store::TicketRow> SuperiorApi::LoadOwn(sql::Reader& reader, const Call& call,
                                                      const std::string& platform,
                                                      const std::string& number) const {
  BAIMI_ASSIGN_OR_RETURN(const std::optional<store::SuperiorOrder> order,
                         store_->FindOrder(reader, call.county, platform, number));
  if (!order) {
    return NotFound(absl::StrCat(PlatformName(call.county, platform), "/", number));
  }
  return parts_.store->Load(reader, store::TicketName(call.county, order->ticket), WholeCounty());
}

absl::StatusOr<v1::Ticket> SuperiorApi::FileNew(Orders::Work& work,
                                                const v1::ReceiveSuperiorTicketRequest& request,
                                                const v1::SuperiorPlatform& platform,
                                                const v1::Place& located,
                                                privacy::KeyId key) const {
  BAIMI_ASSIGN_OR_RETURN(const std::string number,
                         parts_.store->NextNumber(work.tx.sql(), work.tx.county(), work.tx.now()));
  const std::string name = store::TicketName(work.tx.county(), number);
  BAIMI_ASSIGN_OR_RETURN(domain::Decision decision,
                         domain::FileSuperior(request, name, located, platform, work.context));
  for (const v1::TicketFact& fact : decision.facts) {
    BAIMI_RETURN_IF_ERROR(work.tx.Record(name, fact, key).status());
  }
  store::TicketRow row;
  row.ticket = std::move(decision.ticket);
  row.key = key;
  row.seq = work.tx.next_seq() - 1;
  BAIMI_RETURN_IF_ERROR(parts_.store->Insert(work.tx.sql(), row));
  BAIMI_ASSIGN_OR_RETURN(const bool first,
                         store_->ClaimOrder(work.tx.sql(), work.tx.county(),
                                            {request.platform(), request.superior_number(), number,
                                             DigestsOf(*parts_.vault, request.superior_number(),
                                                       domain::ContentOf(request))}));
  if (!first) {
    return Internal("superior: a number that nobody had was claimed twice in one county");
  }
  work.tx.SealAnswerUnder(key);
  return std::move(row.ticket);
}

Async<v1::Ticket> SuperiorApi::Receive(const Call& call,
                                       const v1::ReceiveSuperiorTicketRequest& request) {
  // An error waits for the closure: an order that came before is answered all the same.
  absl::StatusOr<v1::Place> located = parts_.registry->Locate(call, request.ticket().place());
  BAIMI_ASSIGN_OR_RETURN(const privacy::KeyId key, parts_.keys->NewKey());
  return orders_.Transact(
      call,
      [this, request, located = std::move(located),
       key](Orders::Work& work) -> absl::StatusOr<v1::Ticket> {
        const Call& own = work.tx.call();
        BAIMI_ASSIGN_OR_RETURN(const v1::SuperiorPlatform* platform,
                               domain::SpeaksFor(work.context.policy.policy(), request.platform(),
                                                 work.context.actor));
        BAIMI_RETURN_IF_ERROR(
            store_->NoteView(work.tx.sql(), own.county, request.platform(), own.pii_view));
        BAIMI_ASSIGN_OR_RETURN(const std::optional<store::SuperiorOrder> before,
                               store_->FindOrder(work.tx.sql(), own.county, request.platform(),
                                                 request.superior_number()));
        if (!before) {
          BAIMI_RETURN_IF_ERROR(located.status());
          return FileNew(work, request, *platform, *located, key);
        }
        const std::vector<std::string> fields = FieldsThatDiffer(
            *parts_.vault, request.superior_number(), domain::ContentOf(request), before->digests);
        if (!fields.empty()) {
          return domain::ContentDiffers("superior_number", request.superior_number(), fields);
        }
        BAIMI_ASSIGN_OR_RETURN(store::TicketRow row, LoadOwn(work.tx.sql(), own, request.platform(),
                                                             request.superior_number()));
        work.tx.SealAnswerUnder(row.key);
        return std::move(row.ticket);
      });
}

Async<v1::Ticket> SuperiorApi::Amend(const Call& call,
                                     const v1::AmendSuperiorTicketRequest& request) {
  return orders_.Transact(call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::Ticket> {
    const Call& own = work.tx.call();
    BAIMI_ASSIGN_OR_RETURN(
        const v1::SuperiorPlatform* platform,
        domain::SpeaksFor(work.context.policy.policy(), request.platform(), work.context.actor));
    BAIMI_RETURN_IF_ERROR(
        store_->NoteView(work.tx.sql(), own.county, request.platform(), own.pii_view));
    BAIMI_ASSIGN_OR_RETURN(store::TicketRow row, LoadOwn(work.tx.sql(), own, request.platform(),
                                                         request.superior_number()));
    if (const v1::SuperiorUpdate* before =
            domain::FindUpdate(row.ticket, request.update().number())) {
      BAIMI_RETURN_IF_ERROR(domain::CheckSameUpdate(request.update(), *before));
      work.tx.SealAnswerUnder(row.key);
      return std::move(row.ticket);
    }
    BAIMI_ASSIGN_OR_RETURN(domain::Decision decision,
                           domain::Amend(row.ticket, request.update(), *platform, work.context));
    return orders_.Commit(work, row, std::move(decision));
  });
}

Async<v1::Ticket> SuperiorApi::LookUp(const Call& call,
                                      const v1::LookUpSuperiorTicketRequest& request) {
  store::TicketRow row;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_RETURN_IF_ERROR(CheckSpeaks(reader, call, request.platform()));
        BAIMI_ASSIGN_OR_RETURN(
            row, LoadOwn(reader, call, request.platform(), request.superior_number()));
        return absl::OkStatus();
      }));
  return std::move(row.ticket);
}

Async<v1::ListSuperiorResultsResponse> SuperiorApi::ListResults(
    const Call& call, const v1::ListSuperiorResultsRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  int64_t after = request.cursor();
  if (!cursor.last_key.empty() && !absl::SimpleAtoi(cursor.last_key[0], &after)) {
    return Internal("page token: a sequence that is no number");
  }
  std::vector<store::ResultRow> rows;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_RETURN_IF_ERROR(CheckSpeaks(reader, call, request.platform()));
        BAIMI_ASSIGN_OR_RETURN(
            rows, store_->List(reader, call.county, request.platform(), after, size + 1));
        return absl::OkStatus();
      }));
  v1::ListSuperiorResultsResponse response;
  for (size_t i = 0; i < rows.size() && i < static_cast<size_t>(size); ++i) {
    after = rows[i].result.seq();
    *response.add_results() = std::move(rows[i].result);
  }
  if (rows.size() > static_cast<size_t>(size)) {
    response.set_next_page_token(parts_.tokens->Make(query, {{absl::StrCat(after)}}));
  }
  return response;
}

absl::StatusOr<v1::SuperiorPlatformStatus> SuperiorApi::StatusOf(
    sql::Reader& reader, const Call& call, const v1::TicketPolicy& policy,
    const std::string& platform) const {
  BAIMI_ASSIGN_OR_RETURN(v1::SuperiorPlatformStatus status,
                         store_->Status(reader, call.county, platform));
  if (const v1::SuperiorPlatform* known = domain::FindPlatform(policy, platform)) {
    status.set_display_name(known->display_name());
  }
  return status;
}

Async<v1::SuperiorPlatformStatus> SuperiorApi::Acknowledge(
    const Call& call, const v1::AcknowledgeSuperiorResultsRequest& request) {
  return orders_.TransactAs<v1::SuperiorPlatformStatus>(
      call, [this, request](Orders::Work& work) -> absl::StatusOr<v1::SuperiorPlatformStatus> {
        const Call& own = work.tx.call();
        const v1::TicketPolicy& policy = work.context.policy.policy();
        BAIMI_RETURN_IF_ERROR(
            domain::SpeaksFor(policy, request.platform(), work.context.actor).status());
        BAIMI_ASSIGN_OR_RETURN(const v1::SuperiorPlatformStatus before,
                               StatusOf(work.tx.sql(), own, policy, request.platform()));
        if (request.up_to_seq() > before.last_seq()) {
          return OutOfRange("up_to_seq", request.up_to_seq(), before.last_seq());
        }
        if (request.up_to_seq() <= before.acknowledged_seq()) {
          return before;
        }
        BAIMI_RETURN_IF_ERROR(store_->Acknowledge(work.tx.sql(), own.county, request.platform(),
                                                  before.acknowledged_seq(), request.up_to_seq(),
                                                  work.context.now));
        v1::SuperiorResultsAcknowledged event;
        event.set_up_to_seq(request.up_to_seq());
        BAIMI_RETURN_IF_ERROR(
            work.tx.Record(PlatformName(own.county, request.platform()), event, privacy::kNoKey)
                .status());
        return StatusOf(work.tx.sql(), own, policy, request.platform());
      });
}

absl::Status SuperiorApi::Watch(const Call& call, const v1::WatchSuperiorResultsRequest& request,
                                const std::shared_ptr<SuperiorWatch::Stream>& stream) {
  // A watch has no deadline of its own; its lane has.
  constexpr absl::Duration kLook = absl::Seconds(5);
  const sql::Options look{std::min(call.machine_deadline, absl::Now() + kLook)};
  BAIMI_RETURN_IF_ERROR(parts_.database->Read(look, [&](sql::Reader& reader) -> absl::Status {
    BAIMI_RETURN_IF_ERROR(CheckSpeaks(reader, call, request.platform()));
    BAIMI_ASSIGN_OR_RETURN(const v1::SuperiorPlatformStatus status,
                           store_->Status(reader, call.county, request.platform()));
    return request.cursor() >= 0 && request.cursor() <= status.last_seq()
               ? absl::OkStatus()
               : OutOfRange("cursor", request.cursor(), status.last_seq());
  }));
  stream->OnChange([watch = watch_] { watch->Wake(); });
  watch_->Subscribe(call, request.platform(), request.cursor(), stream);
  return absl::OkStatus();
}

Async<v1::ListSuperiorPlatformsResponse> SuperiorApi::ListPlatforms(
    const Call& call, const v1::ListSuperiorPlatformsRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  int64_t from = 0;
  if (!cursor.last_key.empty() && !absl::SimpleAtoi(cursor.last_key[0], &from)) {
    return Internal("page token: a place that is no number");
  }
  v1::ListSuperiorPlatformsResponse response;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        response.Clear();
        BAIMI_ASSIGN_OR_RETURN(const auto policy,
                               parts_.policies->At(reader, call.county, call.now));
        const auto& platforms = policy->policy().superior().platforms();
        const int64_t end = std::min<int64_t>(platforms.size(), from + size);
        for (int64_t i = from; i < end; ++i) {
          BAIMI_ASSIGN_OR_RETURN(
              *response.add_platforms(),
              StatusOf(reader, call, policy->policy(), platforms[static_cast<int>(i)].id()));
        }
        if (end < platforms.size()) {
          response.set_next_page_token(parts_.tokens->Make(query, {{absl::StrCat(end)}}));
        }
        return absl::OkStatus();
      }));
  return response;
}

Async<v1::SuperiorPlatformStatus> SuperiorApi::Resume(
    const Call& call, const v1::ResumeSuperiorPushRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const privacy::KeyId key, parts_.keys->NewKey());
  return orders_.TransactAs<v1::SuperiorPlatformStatus>(
      call, [this, request, key](Orders::Work& work) -> absl::StatusOr<v1::SuperiorPlatformStatus> {
        const Call& own = work.tx.call();
        const std::string platform(store::LastSegment(request.name()));
        const v1::TicketPolicy& policy = work.context.policy.policy();
        if (domain::FindPlatform(policy, platform) == nullptr) {
          return NotFound(request.name());
        }
        v1::SuperiorPushResumed event;
        BAIMI_ASSIGN_OR_RETURN(const int64_t lanes, store_->Resume(work.tx.sql(), own.county,
                                                                   platform, work.context.now));
        event.set_results(lanes);
        event.set_reason(request.reason());
        BAIMI_RETURN_IF_ERROR(
            work.tx.Record(request.name(), event, request.reason().empty() ? privacy::kNoKey : key)
                .status());
        return StatusOf(work.tx.sql(), own, policy, platform);
      });
}

}  // namespace baimi::ticket::api
