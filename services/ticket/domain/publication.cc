#include "services/ticket/domain/publication.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/clock.h"
#include "common/base/digest.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/answers.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/versions.h"

namespace baimi::ticket::domain {
namespace {

constexpr size_t kMonthLength = 7;
// domain.md §7.5.
constexpr int kLeastK = 5;
constexpr int kMostK = 100;
constexpr int kMostTop = 50;

std::optional<absl::CivilMonth> MonthOf(absl::string_view text) {
  int year = 0;
  int month = 0;
  if (text.size() != kMonthLength || text[4] != '-' ||
      !absl::SimpleAtoi(text.substr(0, 4), &year) || !absl::SimpleAtoi(text.substr(5), &month) ||
      year < 1 || month < 1 || month > 12) {
    return std::nullopt;
  }
  const absl::CivilMonth parsed(year, month);
  return FormatMonth(parsed) == text ? std::make_optional(parsed) : std::nullopt;
}

absl::string_view ZhOf(v1::PublicationState state) {
  switch (state) {
    case v1::PUBLICATION_DRAFT:
      return "草稿";
    case v1::PUBLICATION_PUBLISHED:
      return "已公布";
    case v1::PUBLICATION_REPLACED:
      return "已更正";
    default:
      return "未知";
  }
}

absl::Status CheckState(const v1::Publication& publication, v1::PublicationState wanted) {
  if (publication.state() == wanted) {
    return absl::OkStatus();
  }
  return PublicationState(
      publication.name(), v1::PublicationState_Name(publication.state()),
      v1::PublicationState_Name(wanted),
      absl::StrCat("该期公开为“", ZhOf(publication.state()), "”，须为“", ZhOf(wanted), "”"));
}

// The fact that makes `publication` of what was there.
PublicationStep Written(const v1::PublicationWork& before, v1::PublicationWork after,
                        const Context& context) {
  v1::Publication& publication = *after.mutable_publication();
  const v1::Publication& old = before.publication();
  const auto known = [&](const type::v1::Actor& one) { return one.id() == context.actor.id(); };
  if (std::none_of(publication.preparers().begin(), publication.preparers().end(), known)) {
    *publication.add_preparers() = context.actor;
  }
  PublicationStep step;
  *step.fact.mutable_time() = ToProto(context.now);
  *publication.mutable_create_time() = old.has_create_time() ? old.create_time() : step.fact.time();
  *publication.mutable_update_time() = step.fact.time();
  publication.set_revision(old.revision() + 1);
  publication.set_etag(EtagOf(publication.revision()));
  *step.fact.mutable_written()->mutable_work() = std::move(after);
  step.work = Apply(before, step.fact);
  return step;
}

void SetFigures(CountedMonth counted, v1::PublicationWork* work) {
  v1::Publication& publication = *work->mutable_publication();
  *publication.mutable_figures() = Publish(counted.whole, counted.rules);
  publication.clear_previous();
  if (counted.previous) {
    *publication.mutable_previous() = *std::move(counted.previous);
  }
  *work->mutable_whole() = std::move(counted.whole);
}

}  // namespace

absl::StatusOr<absl::CivilMonth> ParseMonth(absl::string_view text) {
  const std::optional<absl::CivilMonth> month = MonthOf(text);
  if (!month) {
    return InvalidField("month", text, "YYYY-MM, a month that exists", "月份，如2026-10");
  }
  return *month;
}

std::string FormatMonth(absl::CivilMonth month) {
  return absl::StrFormat("%04d-%02d", month.year(), month.month());
}

std::string PublicationName(absl::string_view county, const PublicationId& id) {
  return absl::StrCat("counties/", county, "/publications/", FormatMonth(id.month), "-",
                      id.version);
}

std::optional<PublicationId> ParsePublicationId(absl::string_view name) {
  const absl::string_view id = IdOf(name);
  PublicationId parsed;
  const std::optional<absl::CivilMonth> month = MonthOf(id.substr(0, kMonthLength));
  if (!month || id.size() < kMonthLength + 2 ||
      !absl::SimpleAtoi(id.substr(kMonthLength + 1), &parsed.version) || parsed.version < 1) {
    return std::nullopt;
  }
  parsed.month = *month;
  return PublicationName(CountyOf(name), parsed) == name ? std::make_optional(parsed)
                                                         : std::nullopt;
}

absl::Status PublicationState(absl::string_view name, absl::string_view got, absl::string_view want,
                              absl::string_view zh) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_PUBLICATION_STATE,
               absl::StrCat(name, ": got ", got, ", want ", want), zh)
      .With("name", name);
}

absl::Status CheckMonthOver(absl::CivilMonth month, absl::Time now) {
  if (absl::ToCivilMonth(now, ShanghaiZone()) > month) {
    return absl::OkStatus();
  }
  return PublicationState("month", FormatMonth(month), "one that is over",
                          absl::StrCat(FormatMonth(month), "尚未结束，不能公开"));
}

absl::StatusOr<PublicationStep> PreparePublication(const v1::PublicationWork* before,
                                                   absl::string_view name, CountedMonth counted,
                                                   const Context& context) {
  v1::PublicationWork work;
  if (before != nullptr) {
    BAIMI_RETURN_IF_ERROR(CheckState(before->publication(), v1::PUBLICATION_DRAFT));
    work = *before;
  } else {
    const std::optional<PublicationId> id = ParsePublicationId(name);
    v1::Publication& publication = *work.mutable_publication();
    publication.set_name(std::string(name));
    publication.set_month(FormatMonth(id->month));
    publication.set_version(id->version);
    publication.set_state(v1::PUBLICATION_DRAFT);
  }
  SetFigures(std::move(counted), &work);
  return Written(before == nullptr ? v1::PublicationWork() : *before, std::move(work), context);
}

absl::StatusOr<PublicationStep> CorrectPublication(const v1::Publication& replaced,
                                                   const v1::PublicationWork* before,
                                                   const v1::CorrectPublicationRequest& request,
                                                   CountedMonth counted, const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckVersion(replaced.etag(), request.etag()));
  BAIMI_RETURN_IF_ERROR(CheckState(replaced, v1::PUBLICATION_PUBLISHED));
  v1::PublicationWork work;
  if (before != nullptr) {
    BAIMI_RETURN_IF_ERROR(CheckState(before->publication(), v1::PUBLICATION_DRAFT));
    work = *before;
  } else {
    v1::Publication& publication = *work.mutable_publication();
    publication.set_month(replaced.month());
    publication.set_version(replaced.version() + 1);
    publication.set_name(
        PublicationName(CountyOf(replaced.name()),
                        {ParsePublicationId(replaced.name())->month, publication.version()}));
    publication.set_state(v1::PUBLICATION_DRAFT);
    publication.set_preface(replaced.preface());
    *publication.mutable_cases() = replaced.cases();
    publication.set_replaces(replaced.name());
  }
  work.mutable_publication()->set_rationale(request.rationale());
  SetFigures(std::move(counted), &work);
  return Written(before == nullptr ? v1::PublicationWork() : *before, std::move(work), context);
}

absl::StatusOr<PublicationStep> UpdatePublication(const v1::PublicationWork& before,
                                                  const v1::Publication& wanted,
                                                  const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckState(before.publication(), v1::PUBLICATION_DRAFT));
  for (int i = 0; i < wanted.cases_size(); ++i) {
    BAIMI_RETURN_IF_ERROR(CheckCategory(absl::StrCat("publication.cases[", i, "].category"),
                                        wanted.cases(i).category(), context));
  }
  v1::PublicationWork work = before;
  work.mutable_publication()->set_preface(wanted.preface());
  *work.mutable_publication()->mutable_cases() = wanted.cases();
  return Written(before, std::move(work), context);
}

absl::StatusOr<PublicationStep> ApprovePublication(const v1::PublicationWork& before,
                                                   const v1::ApprovePublicationRequest& request,
                                                   const Context& context) {
  const v1::Publication& draft = before.publication();
  BAIMI_RETURN_IF_ERROR(CheckVersion(draft.etag(), request.etag()));
  BAIMI_RETURN_IF_ERROR(CheckState(draft, v1::PUBLICATION_DRAFT));
  for (const type::v1::Actor& preparer : draft.preparers()) {
    if (preparer.id() == context.actor.id()) {
      return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_PREPARER_MAY_NOT_APPROVE,
                   absl::StrCat("actor.id: got ", preparer.id(),
                                ", want somebody who did not prepare ", draft.name()),
                   "编制人不能审批同一期公开，须由他人审批")
          .With("actor", preparer.id());
    }
  }
  PublicationStep step;
  *step.fact.mutable_time() = ToProto(context.now);
  v1::Publication& publication = *step.fact.mutable_approved()->mutable_publication();
  publication = draft;
  publication.set_state(v1::PUBLICATION_PUBLISHED);
  *publication.mutable_publish_time() = step.fact.time();
  *publication.mutable_update_time() = step.fact.time();
  *publication.mutable_approver() = context.actor;
  publication.set_sha256(ContentHash(publication));
  publication.set_revision(draft.revision() + 1);
  publication.set_etag(EtagOf(publication.revision()));
  step.work = Apply(before, step.fact);
  return step;
}

PublicationStep ReplacePublication(const v1::PublicationWork& before, absl::string_view by,
                                   absl::Time now) {
  PublicationStep step;
  *step.fact.mutable_time() = ToProto(now);
  step.fact.mutable_replaced()->set_replaced_by(std::string(by));
  step.work = Apply(before, step.fact);
  return step;
}

v1::PublicationWork Apply(v1::PublicationWork row, const v1::PublicationFact& fact) {
  v1::Publication& publication = *row.mutable_publication();
  switch (fact.fact_case()) {
    case v1::PublicationFact::kWritten:
      return fact.written().work();
    case v1::PublicationFact::kApproved:
      publication = fact.approved().publication();
      return row;
    case v1::PublicationFact::kReplaced:
      publication.set_state(v1::PUBLICATION_REPLACED);
      publication.set_replaced_by(fact.replaced().replaced_by());
      *publication.mutable_update_time() = fact.time();
      publication.set_revision(publication.revision() + 1);
      publication.set_etag(EtagOf(publication.revision()));
      return row;
    default:
      return row;
  }
}

std::string ContentHash(const v1::Publication& publication) {
  v1::Publication content;
  content.set_name(publication.name());
  content.set_month(publication.month());
  content.set_version(publication.version());
  content.set_preface(publication.preface());
  *content.mutable_cases() = publication.cases();
  if (publication.has_figures()) {
    *content.mutable_figures() = publication.figures();
  }
  if (publication.has_previous()) {
    *content.mutable_previous() = publication.previous();
  }
  content.set_replaces(publication.replaces());
  content.set_rationale(publication.rationale());
  return absl::BytesToHexString(Sha256(content.SerializeAsString()));
}

void CheckPublicationPolicy(
    const v1::PublicationPolicy& policy,
    absl::FunctionRef<void(absl::string_view path, absl::string_view got, absl::string_view want)>
        violate) {
  if (policy.min_count() < kLeastK || policy.min_count() > kMostK) {
    violate("publications.min_count", absl::StrCat(policy.min_count()),
            absl::StrCat(kLeastK, " to ", kMostK));
  }
  const int digits = policy.category_digits();
  if (digits != 2 && digits != 4 && digits != 6) {
    violate("publications.category_digits", absl::StrCat(digits), "2, 4 or 6");
  }
  if (policy.top_categories() < 1 || policy.top_categories() > kMostTop) {
    violate("publications.top_categories", absl::StrCat(policy.top_categories()),
            absl::StrCat("1 to ", kMostTop));
  }
  if (policy.channels().empty()) {
    violate("publications.channels", "", "at least one channel");
  }
  if (policy.flow().empty()) {
    violate("publications.flow", "", "at least one step");
  }
}

v1::Publication ForThePublic(v1::Publication publication) {
  publication.clear_preparers();
  publication.clear_approver();
  return publication;
}

}  // namespace baimi::ticket::domain
