#include "services/ticket/domain/figures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "absl/numeric/int128.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "google/protobuf/descriptor.h"
#include "services/ticket/domain/exclusion.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"

namespace baimi::ticket::domain {
namespace {

v1::FigureShare ShareOn(const v1::Ticket& ticket, absl::string_view unit, absl::Time time) {
  v1::FigureShare share;
  share.set_unit(std::string(unit));
  share.set_area(std::string(IdOf(ticket.place().area())));
  share.set_category(ticket.category());
  share.set_day(FigureDay(time));
  return share;
}

void CountCallback(const v1::Callback& callback, v1::FigureCounts* counts) {
  counts->set_callbacks(1);
  if (callback.solved() != v1::SOLVED_UNSPECIFIED) {
    counts->set_answered_callbacks(1);
    counts->set_solved(callback.solved() == v1::YES ? 1 : 0);
    counts->set_partly_solved(callback.solved() == v1::PARTLY ? 1 : 0);
  }
  if (callback.rating() != v1::RATING_UNSPECIFIED && !callback.rating_voided()) {
    counts->set_rated(1);
    counts->set_satisfied(callback.rating() <= v1::BASICALLY_SATISFIED ? 1 : 0);
  }
}

// Whether the unit that leads the order is measured by it.
bool IsMeasured(const v1::Ticket& ticket) {
  switch (ticket.state()) {
    case v1::MERGED:
    case v1::SUSPENDED:
    case v1::WITHDRAWN:
    case v1::TRANSFERRED:
    case v1::TERMINATED:
      return false;
    default:
      return ticket.has_assignment() && ticket.merged_into().empty();
  }
}

// The newest clock of `kind` of the present designation in its first round.
const v1::Clock* FirstRound(const v1::Ticket& ticket, v1::ClockKind kind) {
  const v1::Clock* found = nullptr;
  const absl::Time dispatched = FromProto(ticket.assignment().dispatch_time());
  for (const v1::Clock& clock : ticket.clocks()) {
    if (clock.kind() == kind && clock.round() == 0 && FromProto(clock.start_time()) >= dispatched) {
      found = &clock;
    }
  }
  return found;
}

bool InTime(const v1::Clock& clock) {
  return clock.has_stop_time() && FromProto(clock.stop_time()) < FromProto(clock.due_time());
}

// In time, where the policy had a time for it.
bool CallerKnows(const v1::Ticket& ticket) {
  if (ticket.caller().anonymous() || ticket.caller().no_reply_wanted()) {
    return true;
  }
  const v1::Clock* contact = FirstRound(ticket, v1::CONTACT);
  return ticket.reply().caller_contacted() && (contact == nullptr || InTime(*contact));
}

// Of a whole, half-up.
int64_t Hundredths(int64_t numerator, int64_t denominator) {
  const absl::int128 doubled = absl::int128(numerator) * 200 + denominator;
  return static_cast<int64_t>(doubled / (absl::int128(denominator) * 2));
}

// In hundredths, half-up.
double Percent(int64_t numerator, int64_t denominator) {
  return static_cast<double>(Hundredths(numerator * 100, denominator)) / 100;
}

// Points of the levels that were raised since the unit has the order.
int64_t PointsOf(const v1::Ticket& ticket) {
  const absl::Time dispatched = FromProto(ticket.assignment().dispatch_time());
  int64_t points = 0;
  for (const v1::Supervision& supervision : ticket.supervisions()) {
    points += FromProto(supervision.raise_time()) >= dispatched ? supervision.score_effect() : 0;
  }
  return points;
}

}  // namespace

int32_t FigureDay(absl::CivilDay day) {
  return static_cast<int32_t>(day.year()) * 10'000 + day.month() * 100 + day.day();
}

int32_t FigureDay(absl::Time time) { return FigureDay(absl::ToCivilDay(time, ShanghaiZone())); }

std::optional<v1::FigureShare> ShareOfFact(const v1::Ticket& ticket, const v1::TicketFact& fact) {
  const absl::Time time = FromProto(fact.time());
  if (fact.has_filed()) {
    v1::FigureShare share = ShareOn(ticket, "", time);
    share.mutable_counts()->set_filed(1);
    return share;
  }
  if (fact.has_answered()) {
    v1::FigureShare share = ShareOn(ticket, "", FromProto(ticket.create_time()));
    share.mutable_counts()->set_answered_at_once(1);
    return share;
  }
  if (fact.has_dispatched()) {
    v1::FigureShare share = ShareOn(ticket, fact.dispatched().assignment().lead(), time);
    share.mutable_counts()->set_dispatched(1);
    return share;
  }
  if (fact.has_return_requested()) {
    v1::FigureShare share = ShareOn(ticket, fact.return_requested().lead(), time);
    share.mutable_counts()->set_returned(1);
    return share;
  }
  if (fact.has_callback_recorded()) {
    const v1::Callback& callback = fact.callback_recorded().callback();
    v1::FigureShare share = ShareOn(ticket, callback.unit(), time);
    CountCallback(callback, share.mutable_counts());
    return share;
  }
  // A rating that was found to be a mistake is taken back on the day that it was given (§7.6).
  if (fact.bad_rating_moved().bad_rating().stage() == v1::BAD_RATING_VOIDED) {
    const v1::BadRating& bad = fact.bad_rating_moved().bad_rating();
    v1::FigureShare share = ShareOn(ticket, bad.unit(), FromProto(bad.rate_time()));
    share.mutable_counts()->set_rated(-1);
    return share;
  }
  return std::nullopt;
}

std::vector<v1::FigureShare> HelpSharesOfFact(const v1::Ticket& ticket,
                                              const v1::TicketFact& fact) {
  const absl::Time time = FromProto(fact.time());
  std::vector<v1::FigureShare> shares;
  for (const v1::HelperTask& task : fact.started_help()) {
    shares.push_back(ShareOn(ticket, task.unit(), time));
    shares.back().mutable_counts()->set_help_asked(1);
  }
  if (fact.has_help_given()) {
    shares.push_back(ShareOn(ticket, fact.help_given().unit(), time));
    shares.back().mutable_counts()->set_help_given(1);
  }
  if (fact.has_clock_ran_out() && fact.clock_ran_out().kind() == v1::ASSIST) {
    shares.push_back(ShareOn(ticket, fact.clock_ran_out().holder(), time));
    shares.back().mutable_counts()->set_help_late(1);
  }
  return shares;
}

namespace {

std::optional<v1::FigureShare> ShareWhenDue(const v1::Ticket& ticket) {
  if (!IsMeasured(ticket)) {
    return std::nullopt;
  }
  const v1::Clock* handle = FirstRound(ticket, v1::HANDLE);
  const v1::Clock* sign = FirstRound(ticket, v1::SIGN);
  if (handle == nullptr || sign == nullptr) {
    return std::nullopt;
  }
  // Due at midnight is due on the day before.
  v1::FigureShare share = ShareOn(ticket, ticket.assignment().lead(),
                                  FromProto(handle->due_time()) - absl::Microseconds(1));
  v1::FigureCounts& counts = *share.mutable_counts();
  const bool replied = ticket.has_reply() && handle->has_stop_time();
  const bool in_time = replied && InTime(*handle);
  const bool closed = ticket.state() == v1::CLOSED || ticket.state() == v1::ARCHIVED;
  counts.set_due(1);
  counts.set_responded(InTime(*sign) && in_time && CallerKnows(ticket) ? 1 : 0);
  counts.set_replied(replied ? 1 : 0);
  counts.set_reworked(ticket.rework_count() > 0 ? 1 : 0);
  counts.set_closed(closed ? 1 : 0);
  counts.set_closed_in_time(closed && in_time ? 1 : 0);
  counts.set_supervision_points(PointsOf(ticket));
  return share;
}

// A REVIEW clock runs exactly while an order is hung up; where one begins before the last has ended
// the order stayed so.
std::vector<v1::FigureShare> HungUp(const v1::Ticket& ticket) {
  std::vector<v1::FigureShare> changes;
  const auto change = [&](const v1::Clock& clock, absl::Time time, int64_t by) {
    changes.push_back(ShareOn(ticket, clock.holder(), time));
    changes.back().mutable_counts()->set_suspended(by);
  };
  const v1::Clock* last = nullptr;
  for (const v1::Clock& clock : ticket.clocks()) {
    if (clock.kind() != v1::REVIEW) {
      continue;
    }
    if (last == nullptr || FromProto(last->stop_time()) < FromProto(clock.start_time())) {
      if (last != nullptr) {
        change(*last, FromProto(last->stop_time()), -1);
      }
      change(clock, FromProto(clock.start_time()), 1);
    }
    last = &clock;
  }
  if (last != nullptr && last->has_stop_time()) {
    change(*last, FromProto(last->stop_time()), -1);
  }
  return changes;
}

}  // namespace

std::optional<v1::FigureShare> ShareOfState(const v1::Ticket& ticket) {
  std::optional<v1::FigureShare> share = ShareWhenDue(ticket);
  for (v1::FigureShare& change : HungUp(ticket)) {
    if (!share) {
      share.emplace();
    }
    *share->add_hung_up() = std::move(change);
  }
  if (share && IsExcluded(ticket, v1::DEADLINE_FIGURES)) {
    const v1::FigureShare due = *share;
    *share->add_excluded() = due;
  }
  if (IsExcluded(ticket, v1::CALLBACK_FIGURES)) {
    if (!share) {
      share.emplace();
    }
    for (const v1::Callback& callback : ticket.callbacks()) {
      v1::FigureShare& excluded = *share->add_excluded();
      excluded = ShareOn(ticket, callback.unit(), FromProto(callback.callback_time()));
      CountCallback(callback, excluded.mutable_counts());
    }
  }
  return share;
}

void AddCounts(const v1::FigureCounts& share, int64_t times, v1::FigureCounts* sum) {
  const auto* descriptor = v1::FigureCounts::descriptor();
  const auto* reflection = v1::FigureCounts::GetReflection();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto* field = descriptor->field(i);
    const int64_t count = reflection->GetInt64(share, field);
    if (count != 0) {
      reflection->SetInt64(sum, field, reflection->GetInt64(*sum, field) + times * count);
    }
  }
}

bool IsZero(const v1::FigureCounts& counts) { return counts.ByteSizeLong() == 0; }

v1::Rate MakeRate(int64_t numerator, int64_t denominator, int scale) {
  v1::Rate rate;
  rate.set_numerator(numerator);
  rate.set_denominator(denominator);
  if (denominator == 0) {
    return rate;
  }
  rate.set_percent(Percent(numerator, denominator * scale));
  constexpr double kZ = 1.959963984540054;
  const auto n = static_cast<double>(denominator);
  const double p = static_cast<double>(numerator) / (n * scale);
  const double spread = kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n));
  const double middle = p + kZ * kZ / (2 * n);
  const double width = 1 + kZ * kZ / n;
  const auto rounded = [](double share) {
    return std::clamp(std::round(share * 10'000) / 100, 0.0, 100.0);
  };
  rate.set_low(rounded((middle - spread) / width));
  rate.set_high(rounded((middle + spread) / width));
  return rate;
}

namespace {

// Not a part of its denominator: it may be more, and has no interval.
v1::Rate MakeRatio(int64_t numerator, int64_t denominator) {
  v1::Rate rate;
  rate.set_numerator(numerator);
  rate.set_denominator(denominator);
  if (denominator > 0) {
    rate.set_percent(Percent(numerator, denominator));
  }
  return rate;
}

}  // namespace

v1::FigurePolicy WeightsOf(const v1::TicketPolicy& policy) {
  if (policy.has_figures()) {
    return policy.figures();
  }
  v1::FigurePolicy weights;
  weights.set_response_weight(30);
  weights.set_resolution_weight(35);
  weights.set_satisfaction_weight(35);
  return weights;
}

namespace {

template <typename Message>
void SetPoints(const v1::FigureCounts& counts, Message* figures) {
  if (counts.due() <= 0) {
    return;
  }
  const int64_t points = Hundredths(counts.supervision_points(), counts.due());
  figures->set_supervision_points(static_cast<double>(points) / 100);
  if (figures->has_score()) {
    const auto score = static_cast<int64_t>(std::llround(figures->score() * 100));
    figures->set_score_after_supervision(static_cast<double>(std::max<int64_t>(score - points, 0)) /
                                         100);
  }
}

// Those that Figures and AdjustedFigures have in common.
template <typename Message>
void SetRates(const v1::FigureCounts& counts, const v1::FigurePolicy& weights, Message* figures) {
  const int64_t solved =
      counts.solved() * 100 + counts.partly_solved() * weights.partly_solved_percent();
  *figures->mutable_response() = MakeRate(counts.responded(), counts.due());
  *figures->mutable_resolution() = weights.partly_solved_percent() == 0
                                       ? MakeRate(counts.solved(), counts.answered_callbacks())
                                       : MakeRate(solved, counts.answered_callbacks(), 100);
  *figures->mutable_satisfaction() = MakeRate(counts.satisfied(), counts.rated());
  *figures->mutable_closing() = MakeRate(counts.closed(), counts.due());
  *figures->mutable_closing_in_time() = MakeRate(counts.closed_in_time(), counts.due());
  *figures->mutable_rework() = MakeRate(counts.reworked(), counts.replied());
  if (counts.due() > 0 && counts.answered_callbacks() > 0 && counts.rated() > 0) {
    // Exact: the weighted sum over one denominator, in hundredths, half-up.
    using Wide = absl::int128;
    const Wide due = counts.due();
    const Wide answered = Wide(counts.answered_callbacks()) * 100;
    const Wide rated = counts.rated();
    const Wide sum = Wide(weights.response_weight()) * counts.responded() * answered * rated +
                     Wide(weights.resolution_weight()) * solved * due * rated +
                     Wide(weights.satisfaction_weight()) * counts.satisfied() * due * answered;
    const Wide all = due * answered * rated;
    figures->set_score(static_cast<double>(static_cast<int64_t>((sum * 200 + all) / (all * 2))) /
                       100);
  }
  *figures->mutable_hanging() = MakeRatio(counts.suspended(), counts.due());
  SetPoints(counts, figures);
}

}  // namespace

v1::Figures MakeFigures(absl::string_view key, const v1::FigureCounts& counts,
                        const v1::FigureCounts& excluded, const v1::FigurePolicy& weights) {
  v1::Figures figures;
  figures.set_key(std::string(key));
  *figures.mutable_counts() = counts;
  SetRates(counts, weights, &figures);
  *figures.mutable_rating_share() = MakeRate(counts.rated(), counts.callbacks());
  *figures.mutable_returning() = MakeRate(counts.returned(), counts.dispatched());
  *figures.mutable_helping_late() = MakeRate(counts.help_late(), counts.help_asked());
  *figures.mutable_instant() = MakeRate(counts.answered_at_once(), counts.filed());
  if (!IsZero(excluded)) {
    v1::FigureCounts left = counts;
    AddCounts(excluded, -1, &left);
    *figures.mutable_adjusted()->mutable_excluded() = excluded;
    SetRates(left, weights, figures.mutable_adjusted());
  }
  return figures;
}

}  // namespace baimi::ticket::domain
