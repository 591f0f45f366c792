#include "services/ticket/api/publication_api.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/calendar/calendar.h"
#include "common/journal/log.h"
#include "common/journal/projector.h"
#include "common/resource/update.h"
#include "services/ticket/api/public_text.h"
#include "services/ticket/domain/figures.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/versions.h"
#include "services/ticket/store/publication_store.h"

namespace baimi::ticket::api {
namespace {

using Store = store::PublicationStore;

// Drafts, and versions that a newer one replaced, are for the office.
bool SeesAll(const Call& call) {
  return call.pii_view != PiiView::kPublic && call.scope.whole_county;
}

bool IsVisible(const v1::Publication& publication, const Call& call) {
  return SeesAll(call) || publication.state() == v1::PUBLICATION_PUBLISHED;
}

v1::Publication Shown(v1::Publication publication, const Call& call) {
  return call.pii_view == PiiView::kPublic ? domain::ForThePublic(std::move(publication))
                                           : std::move(publication);
}

absl::Status CheckPublishes(const v1::TicketPolicy& policy) {
  return policy.has_publications()
             ? absl::OkStatus()
             : Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NOT_APPLICABLE,
                     "publications: got a policy without them, want one that has them",
                     "本县政策没有公开安排")
                   .Build();
}

absl::Status NotCounted(absl::CivilMonth month) {
  return domain::PublicationState(
      "month", absl::StrCat(domain::FormatMonth(month), ", which is not counted to its end yet"),
      "one that is; try again later", "本月数据尚未统计完毕，请稍后再试");
}

std::vector<domain::OlderVersion> PublishedBefore(
    const std::vector<v1::PublicationWork>& versions) {
  std::vector<domain::OlderVersion> published;
  for (const v1::PublicationWork& work : versions) {
    if (work.publication().state() != v1::PUBLICATION_DRAFT) {
      published.push_back({work.publication().figures(), work.whole()});
    }
  }
  return published;
}

absl::StatusOr<std::optional<v1::PublishedFigures>> PreviousMonth(sql::Reader& reader,
                                                                  absl::string_view county,
                                                                  absl::CivilMonth month) {
  BAIMI_ASSIGN_OR_RETURN(const auto versions, Store::OfMonth(reader, county, month - 1));
  for (const v1::PublicationWork& work : versions) {
    if (work.publication().state() == v1::PUBLICATION_PUBLISHED) {
      return work.publication().figures();
    }
  }
  return std::nullopt;
}

absl::StatusOr<v1::Publication> Save(Orders::Work& work, const domain::PublicationStep& step) {
  const v1::Publication& publication = step.work.publication();
  BAIMI_RETURN_IF_ERROR(work.tx.Record(publication.name(), step.fact, privacy::kNoKey).status());
  BAIMI_RETURN_IF_ERROR(publication.revision() == 1 ? Store::Insert(work.tx.sql(), step.work)
                                                    : Store::Update(work.tx.sql(), step.work));
  return Shown(publication, work.tx.call());
}

// NOT_FOUND for who sees published ones only: nobody else's business.
absl::StatusOr<v1::PublicationWork> LoadForChange(Orders::Work& work, const std::string& name) {
  if (!SeesAll(work.tx.call()) || domain::CountyOf(name) != work.tx.county()) {
    return NotFound(name);
  }
  return Store::Load(work.tx.sql(), name);
}

// With what the versions there are say.
absl::Status Complete(Orders::Work& work, absl::CivilMonth month,
                      const std::vector<v1::PublicationWork>& versions,
                      domain::CountedMonth* counted) {
  counted->rules.older = PublishedBefore(versions);
  BAIMI_ASSIGN_OR_RETURN(counted->previous, PreviousMonth(work.tx.sql(), work.tx.county(), month));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<domain::MonthCounts> PublicationApi::ReadCounts(sql::Reader& reader,
                                                               const Call& call,
                                                               absl::CivilMonth month) const {
  store::FigureQuery query{
      .from_day = domain::FigureDay(absl::CivilDay(month)),
      .to_day = domain::FigureDay(absl::CivilDay(month + 1) - 1),
  };
  domain::MonthCounts counts;
  BAIMI_ASSIGN_OR_RETURN(auto county, parts_.figures->Read(reader, call.county, query));
  counts.county = county[""];
  query.grouping = v1::BY_AREA;
  BAIMI_ASSIGN_OR_RETURN(counts.areas, parts_.figures->Read(reader, call.county, query));
  query.grouping = v1::BY_CATEGORY;
  BAIMI_ASSIGN_OR_RETURN(counts.categories, parts_.figures->Read(reader, call.county, query));
  BAIMI_ASSIGN_OR_RETURN(counts.filed, Store::Filed(reader, call.county, month));
  int64_t filed = 0;
  for (const auto& [key, count] : counts.filed) {
    filed += count;
  }
  if (filed != counts.county.filed()) {
    return NotCounted(month);
  }
  return counts;
}

absl::StatusOr<domain::CountedMonth> PublicationApi::Count(const Call& call,
                                                           absl::CivilMonth month) const {
  BAIMI_RETURN_IF_ERROR(domain::CheckMonthOver(month, call.now));
  const int64_t month_end_us = absl::ToUnixMicros(calendar::StartOf(absl::CivilDay(month + 1)));
  domain::CountedMonth counted;
  const auto read = [&](sql::Reader& reader) -> absl::Status {
    counted = {};
    BAIMI_ASSIGN_OR_RETURN(const auto in_force, parts_.policies->At(reader, call.county, call.now));
    v1::TicketPolicy policy = in_force->policy();
    BAIMI_ASSIGN_OR_RETURN(const auto versions, Store::OfMonth(reader, call.county, month));
    if (!versions.empty() && versions.front().publication().state() != v1::PUBLICATION_DRAFT) {
      BAIMI_ASSIGN_OR_RETURN(
          policy,
          parts_.store->LoadPolicy(reader, call.county,
                                   versions.front().publication().figures().policy_version()));
    }
    BAIMI_RETURN_IF_ERROR(CheckPublishes(policy));
    BAIMI_ASSIGN_OR_RETURN(const int64_t seq, journal::Projector::Cursor(
                                                  reader, store::kFiguresProjection, call.county));
    bool is_counted = true;
    BAIMI_RETURN_IF_ERROR(journal::ReadStream(reader, call.county, journal::kMainStream, seq, 1,
                                              [&](const type::v1::JournalRecord& record) {
                                                is_counted = record.time_us() >= month_end_us;
                                                return absl::OkStatus();
                                              }));
    if (!is_counted) {
      return NotCounted(month);
    }
    BAIMI_ASSIGN_OR_RETURN(const domain::MonthCounts counts, ReadCounts(reader, call, month));
    const v1::PublicationPolicy& rules = policy.publications();
    BAIMI_ASSIGN_OR_RETURN(std::vector<v1::PublishedCount> whole,
                           domain::WholeCounts(counts, rules.category_digits()));
    counted.whole.set_month(domain::FormatMonth(month));
    counted.whole.set_as_of_seq(seq);
    *counted.whole.mutable_count_time() = domain::ToProto(call.now);
    counted.whole.set_policy_version(policy.version());
    counted.whole.set_min_count(rules.min_count());
    for (v1::PublishedCount& count : whole) {
      *counted.whole.add_counts() = std::move(count);
    }
    counted.rules.k = rules.min_count();
    counted.rules.top_categories = rules.top_categories();
    counted.rules.partly_solved_percent = domain::WeightsOf(policy).partly_solved_percent();
    return absl::OkStatus();
  };
  BAIMI_RETURN_IF_ERROR(parts_.database->Read({call.machine_deadline}, read));
  return counted;
}

Async<v1::Publication> PublicationApi::Prepare(const Call& call,
                                               const v1::PreparePublicationRequest& request) {
  if (!SeesAll(call)) {
    return NotFound(request.parent());
  }
  BAIMI_ASSIGN_OR_RETURN(const absl::CivilMonth month, domain::ParseMonth(request.month()));
  // An error waits for the closure: a request that was answered before gets that answer.
  absl::StatusOr<domain::CountedMonth> counted = Count(call, month);
  return orders_.TransactAs<v1::Publication>(
      call,
      [month, counted = std::move(counted)](Orders::Work& work) -> absl::StatusOr<v1::Publication> {
        BAIMI_RETURN_IF_ERROR(counted.status());
        domain::CountedMonth complete = *counted;
        BAIMI_ASSIGN_OR_RETURN(const auto versions,
                               Store::OfMonth(work.tx.sql(), work.tx.county(), month));
        BAIMI_RETURN_IF_ERROR(Complete(work, month, versions, &complete));
        const v1::PublicationWork* newest = versions.empty() ? nullptr : &versions.back();
        BAIMI_ASSIGN_OR_RETURN(
            const domain::PublicationStep step,
            domain::PreparePublication(newest,
                                       newest == nullptr
                                           ? domain::PublicationName(work.tx.county(), {month, 1})
                                           : newest->publication().name(),
                                       std::move(complete), work.context));
        return Save(work, step);
      });
}

Async<v1::Publication> PublicationApi::Get(const Call& call,
                                           const v1::GetPublicationRequest& request) {
  v1::PublicationWork work;
  if (domain::CountyOf(request.name()) != call.county) {
    return NotFound(request.name());
  }
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(work, Store::Load(reader, request.name()));
        return absl::OkStatus();
      }));
  if (!IsVisible(work.publication(), call)) {
    return NotFound(request.name());
  }
  return Shown(std::move(*work.mutable_publication()), call);
}

Async<v1::ListPublicationsResponse> PublicationApi::List(
    const Call& call, const v1::ListPublicationsRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  std::optional<domain::PublicationId> after;
  if (!cursor.last_key.empty()) {
    after = domain::ParsePublicationId(cursor.last_key[0]);
    if (!after) {
      return Internal("page token: no publication");
    }
  }
  const bool all = SeesAll(call);
  if (!all && request.state() != v1::PUBLICATION_STATE_UNSPECIFIED &&
      request.state() != v1::PUBLICATION_PUBLISHED) {
    return v1::ListPublicationsResponse();
  }
  std::vector<v1::PublicationWork> rows;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(
            rows, Store::List(reader, call.county, after,
                              all ? request.state() : v1::PUBLICATION_PUBLISHED, size + 1));
        return absl::OkStatus();
      }));
  v1::ListPublicationsResponse response;
  for (const v1::PublicationWork& row : rows) {
    if (response.publications_size() == size) {
      response.set_next_page_token(
          parts_.tokens->Make(query, {{response.publications(size - 1).name()}}));
      break;
    }
    *response.add_publications() = Shown(row.publication(), call);
  }
  return response;
}

Async<v1::Publication> PublicationApi::Update(const Call& call,
                                              const v1::UpdatePublicationRequest& request) {
  return orders_.TransactAs<v1::Publication>(
      call, [request](Orders::Work& work) -> absl::StatusOr<v1::Publication> {
        BAIMI_ASSIGN_OR_RETURN(const v1::PublicationWork before,
                               LoadForChange(work, request.publication().name()));
        const v1::Publication& publication = before.publication();
        BAIMI_RETURN_IF_ERROR(
            domain::CheckVersion(publication.etag(), request.publication().etag()));
        v1::Publication wanted = publication;
        BAIMI_RETURN_IF_ERROR(
            resource::ApplyUpdate(request.publication(), request.update_mask(), &wanted));
        BAIMI_RETURN_IF_ERROR(CheckPublicTexts(wanted));
        BAIMI_ASSIGN_OR_RETURN(const domain::PublicationStep step,
                               domain::UpdatePublication(before, wanted, work.context));
        return wanted.SerializeAsString() == publication.SerializeAsString()
                   ? Shown(publication, work.tx.call())
                   : Save(work, step);
      });
}

Async<v1::Publication> PublicationApi::Approve(const Call& call,
                                               const v1::ApprovePublicationRequest& request) {
  return orders_.TransactAs<v1::Publication>(
      call, [request](Orders::Work& work) -> absl::StatusOr<v1::Publication> {
        BAIMI_ASSIGN_OR_RETURN(const v1::PublicationWork before,
                               LoadForChange(work, request.name()));
        BAIMI_ASSIGN_OR_RETURN(const domain::PublicationStep step,
                               domain::ApprovePublication(before, request, work.context));
        BAIMI_ASSIGN_OR_RETURN(const auto versions,
                               Store::OfMonth(work.tx.sql(), work.tx.county(),
                                              domain::ParsePublicationId(request.name())->month));
        for (const v1::PublicationWork& older : versions) {
          if (older.publication().state() == v1::PUBLICATION_PUBLISHED) {
            BAIMI_RETURN_IF_ERROR(
                Save(work, domain::ReplacePublication(older, request.name(), work.context.now))
                    .status());
          }
        }
        return Save(work, step);
      });
}

Async<v1::Publication> PublicationApi::Correct(const Call& call,
                                               const v1::CorrectPublicationRequest& request) {
  const std::optional<domain::PublicationId> id = domain::ParsePublicationId(request.name());
  if (!id || !SeesAll(call)) {
    return NotFound(request.name());
  }
  BAIMI_RETURN_IF_ERROR(CheckPublicText("rationale", request.rationale()));
  absl::StatusOr<domain::CountedMonth> counted = Count(call, id->month);
  return orders_.TransactAs<v1::Publication>(
      call,
      [request, month = id->month,
       counted = std::move(counted)](Orders::Work& work) -> absl::StatusOr<v1::Publication> {
        BAIMI_ASSIGN_OR_RETURN(const v1::PublicationWork replaced,
                               LoadForChange(work, request.name()));
        BAIMI_RETURN_IF_ERROR(counted.status());
        domain::CountedMonth complete = *counted;
        BAIMI_ASSIGN_OR_RETURN(const auto versions,
                               Store::OfMonth(work.tx.sql(), work.tx.county(), month));
        BAIMI_RETURN_IF_ERROR(Complete(work, month, versions, &complete));
        const v1::PublicationWork& newest = versions.back();
        BAIMI_ASSIGN_OR_RETURN(
            const domain::PublicationStep step,
            domain::CorrectPublication(
                replaced.publication(),
                newest.publication().name() == request.name() ? nullptr : &newest, request,
                std::move(complete), work.context));
        return Save(work, step);
      });
}

Async<v1::ServiceGuide> PublicationApi::Guide(const Call& call,
                                              const v1::GetServiceGuideRequest& request) {
  v1::ServiceGuide guide;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        guide.Clear();
        BAIMI_ASSIGN_OR_RETURN(const auto in_force,
                               parts_.policies->At(reader, call.county, call.now));
        const v1::TicketPolicy& policy = in_force->policy();
        BAIMI_RETURN_IF_ERROR(CheckPublishes(policy));
        guide.set_name(absl::StrCat(request.parent(), "/serviceGuide"));
        *guide.mutable_channels() = policy.publications().channels();
        *guide.mutable_flow() = policy.publications().flow();
        guide.set_policy_version(policy.version());
        return absl::OkStatus();
      }));
  return guide;
}

}  // namespace baimi::ticket::api
