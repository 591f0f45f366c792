#include "services/ticket/domain/duplicates.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/codes/phone.h"
#include "services/ticket/domain/cells.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/transitions.h"

namespace baimi::ticket::domain {
namespace {

constexpr int kRadiusMetres = 200;
constexpr int kDays = 30;
constexpr int kSimilarityPercent = 40;
constexpr int kMaxBulk = 50;

int OrDefault(int value, int standard) { return value == 0 ? standard : value; }

bool HasPlace(const v1::Ticket& ticket) {
  return ticket.place().has_point() || !ticket.place().grid().empty();
}

// §1.10: whoever files or handles another matter learns of no report.
bool MayBeCompared(const v1::Ticket& a, const v1::Ticket& b) {
  return (a.type() == v1::REPORT) == (b.type() == v1::REPORT) &&
         (a.type() != v1::REPORT || a.subject_unit() == b.subject_unit());
}

// A draft has no name yet.
bool SameGroup(const v1::Ticket& a, const v1::Ticket& b) {
  const auto same = [](const std::string& x, const std::string& y) { return !x.empty() && x == y; };
  return same(a.name(), b.name()) || same(a.merged_into(), b.merged_into()) ||
         same(a.merged_into(), b.name()) || same(b.merged_into(), a.name());
}

// Refused or taken back: no matter that anybody handles.
bool CameToNothing(const v1::Ticket& ticket) {
  return ticket.state() == v1::WITHDRAWN || ticket.state() == v1::TRANSFERRED ||
         (ticket.has_refusal() && ticket.refusal().code() != v1::CALLER_NOT_COOPERATING);
}

v1::DuplicateAdvice AdviceFor(const v1::Ticket& other, bool same_caller, bool nothing_new) {
  if (same_caller && nothing_new) {
    return v1::TELL_PROGRESS;
  }
  return IsFinal(other.state()) ? v1::LOOK : v1::MERGE;
}

std::string AdviceZh(const v1::DuplicateCandidate& candidate, bool same_caller) {
  switch (candidate.advice()) {
    case v1::TELL_PROGRESS:
      return absl::StrCat("没有新的事实和理由：告知进展或结果，不再派单（X3），关联工单 ",
                          IdOf(candidate.target()));
    case v1::MERGE:
      return absl::StrCat(same_caller ? "内容有新情况：" : "不同诉求人：", "受理后可并入 ",
                          IdOf(candidate.target()), "，办结后分别回访");
    default:
      return "该件已结束，供参考";
  }
}

}  // namespace

v1::DuplicatePolicy DuplicatesOf(const v1::TicketPolicy& policy) {
  v1::DuplicatePolicy rules = policy.duplicates();
  rules.set_radius_metres(OrDefault(rules.radius_metres(), kRadiusMetres));
  rules.set_days(OrDefault(rules.days(), kDays));
  rules.set_similarity_percent(OrDefault(rules.similarity_percent(), kSimilarityPercent));
  return rules;
}

int MaxBulk(const v1::TicketPolicy& policy) { return OrDefault(policy.max_bulk(), kMaxBulk); }

absl::StatusOr<v1::Ticket> TicketOfDraft(const v1::DuplicateDraft& draft, const v1::Place& located,
                                         absl::Time now) {
  v1::Ticket ticket;
  ticket.set_category(draft.category());
  ticket.set_title(draft.title());
  ticket.set_description(draft.description());
  ticket.set_type(draft.type());
  ticket.set_subject_unit(draft.subject_unit());
  *ticket.mutable_place() = draft.place();
  ticket.mutable_place()->set_grid(located.grid());
  ticket.mutable_place()->set_area(located.area());
  if (!draft.caller_phone().empty()) {
    BAIMI_ASSIGN_OR_RETURN(const codes::Phone phone,
                           codes::ParsePhone("draft.caller_phone", draft.caller_phone()));
    ticket.mutable_caller()->set_phone(phone.digits);
  }
  *ticket.mutable_create_time() = ToProto(now);
  return ticket;
}

bool Comparison::SamePlace(const v1::Ticket& other, bool same_caller,
                           v1::DuplicateScore* score) const {
  const bool same_grid =
      !order_.place().grid().empty() && order_.place().grid() == other.place().grid();
  score->set_same_grid(same_grid);
  if (order_.place().has_point() && other.place().has_point()) {
    const double metres = Metres(order_.place().point(), other.place().point());
    score->set_metres(std::round(metres));
    score->set_place(std::max(0.0, 1 - metres / rules_.radius_metres()));
    if (same_grid) {
      score->set_place(std::max(0.5, score->place()));
    }
    return same_grid || metres <= rules_.radius_metres();
  }
  score->set_place(same_grid ? 1 : 0);
  return same_grid || (same_caller && !(HasPlace(order_) && HasPlace(other)));
}

std::optional<v1::DuplicateCandidate> Comparison::With(const v1::Ticket& other,
                                                       absl::string_view text) const {
  if (order_.category() != other.category() || SameGroup(order_, other) || CameToNothing(other) ||
      !MayBeCompared(order_, other)) {
    return std::nullopt;
  }
  const bool same_caller =
      !order_.caller().phone().empty() && order_.caller().phone() == other.caller().phone();
  v1::DuplicateCandidate candidate;
  v1::DuplicateScore& score = *candidate.mutable_score();
  const absl::Duration apart =
      absl::AbsDuration(FromProto(order_.create_time()) - FromProto(other.create_time()));
  score.set_days(absl::FDivDuration(apart, absl::Hours(24)));
  if (score.days() > rules_.days() || !SamePlace(other, same_caller, &score)) {
    return std::nullopt;
  }
  score.set_text(text::Cosine(words_, text::Profile(text)));
  const bool alike = score.text() * 100 >= rules_.similarity_percent();
  if (!same_caller && !alike) {
    return std::nullopt;
  }
  score.set_caller(same_caller ? 1 : 0);
  score.set_time(1 - score.days() / rules_.days());
  score.set_total((score.place() + score.time() + score.text() + score.caller()) / 4);
  *candidate.mutable_ticket() = other;
  candidate.set_target(other.merged_into().empty() ? other.name() : other.merged_into());
  candidate.set_advice(AdviceFor(other, same_caller, alike));
  candidate.add_explanation(absl::StrCat("同一类别 ", other.category()));
  if (score.has_metres()) {
    candidate.add_explanation(
        absl::StrFormat("相距约%.0f米%s", score.metres(), score.same_grid() ? "，同一网格" : ""));
  } else {
    candidate.add_explanation(score.same_grid() ? "同一网格" : "地点不明");
  }
  candidate.add_explanation(absl::StrFormat("相隔%.1f天", score.days()));
  candidate.add_explanation(same_caller ? "同一诉求人" : "不同诉求人");
  candidate.add_explanation(absl::StrFormat("内容相似度%.0f%%", score.text() * 100));
  candidate.add_explanation(AdviceZh(candidate, same_caller));
  return candidate;
}

void Rank(std::vector<v1::DuplicateCandidate>& candidates, size_t limit) {
  const auto key = [](const v1::DuplicateCandidate& candidate) {
    return std::tuple(candidate.score().caller(), candidate.score().total(),
                      candidate.ticket().name());
  };
  std::sort(candidates.begin(), candidates.end(),
            [&](const auto& a, const auto& b) { return key(b) < key(a); });
  if (candidates.size() > limit) {
    candidates.resize(limit);
  }
}

std::string MergeInto(const std::vector<v1::DuplicateCandidate>& candidates) {
  std::string earliest;
  for (const v1::DuplicateCandidate& candidate : candidates) {
    if (!IsFinal(candidate.ticket().state()) &&
        (earliest.empty() || candidate.target() < earliest)) {
      earliest = candidate.target();
    }
  }
  return earliest;
}

absl::Status CheckRepeat(const v1::Ticket& ticket, const v1::Refusal& refusal,
                         const v1::Ticket* earlier) {
  const bool same = earlier != nullptr && !ticket.caller().phone().empty() &&
                    earlier->caller().phone() == ticket.caller().phone() &&
                    FromProto(earlier->create_time()) <= FromProto(ticket.create_time());
  if (same) {
    return absl::OkStatus();
  }
  const absl::string_view got = refusal.earlier_ticket();
  return Error(absl::StatusCode::kInvalidArgument, v1::ERROR_REASON_REFUSAL_INCOMPLETE,
               absl::StrCat("refusal.earlier_ticket: got ", got,
                            ", want an earlier order of the same caller (X3)"),
               absl::StrCat("重复诉求须关联同一诉求人先前的工单，", IdOf(got), "不是"))
      .Field("refusal.earlier_ticket", "want an earlier order of the same caller")
      .With("code", v1::RefusalCode_Name(refusal.code()));
}

}  // namespace baimi::ticket::domain
