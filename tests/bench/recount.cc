#include "tests/bench/recount.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/figures.h"

namespace baimi::bench {
namespace {

using ticket::v1::FigureCounts;
using ticket::v1::FigureGrouping;
using ticket::v1::Ticket;
using ticket::v1::TicketFact;
using Stub = ticket::v1::TicketService::Stub;

// The longest period that can be asked for at once: the year and what of it ended in the next one.
constexpr absl::CivilDay kFrom(2025, 1, 1);
constexpr absl::CivilDay kTo(2026, 2, 4);
constexpr int kPage = 1000;

absl::Status Broken(const Ticket& ticket, absl::string_view rule) {
  return absl::InternalError(
      absl::StrCat(ticket.name(), ": ", rule, "; got ", ticket.ShortDebugString()));
}

absl::Status CheckEnded(const Ticket& ticket) {
  if (ticket.state() != ticket::v1::ARCHIVED) {
    return Broken(ticket, "an order must have ended");
  }
  for (const ticket::v1::Clock& clock : ticket.clocks()) {
    if (!clock.has_stop_time()) {
      return Broken(ticket, "an order that has ended has no open clock");
    }
  }
  for (const ticket::v1::HelperTask& task : ticket.helper_tasks()) {
    if (!task.has_end_time()) {
      return Broken(ticket, "an order that has ended has no open part of a helper");
    }
  }
  return absl::OkStatus();
}

}  // namespace

int64_t Recount::events() const {
  absl::MutexLock lock(&mu_);
  return events_;
}

absl::Status Recount::Take(County& county, const std::string& name) {
  ticket::v1::GetTicketRequest get;
  get.set_name(name);
  BAIMI_ASSIGN_OR_RETURN(const Ticket ticket, county.Call(&Stub::GetTicket, get));
  ticket::v1::ListTicketEventsRequest list;
  list.set_parent(name);
  list.set_page_size(kPage);
  BAIMI_ASSIGN_OR_RETURN(const auto history, county.Call(&Stub::ListTicketEvents, list));
  if (!history.next_page_token().empty()) {
    return Broken(ticket, "a page holds the whole history");
  }
  Ticket row;
  for (const ticket::v1::TicketEvent& event : history.events()) {
    row = ticket::domain::Apply(std::move(row), event.fact());
    const bool handled = row.state() == ticket::v1::DISPATCHED || row.state() == ticket::v1::SIGNED;
    if (handled && row.assignment().lead().empty()) {
      return Broken(row, "an order that is handled has a lead");
    }
    if (row.state() == ticket::v1::MERGED) {
      for (const ticket::v1::Clock& clock : row.clocks()) {
        if (!clock.has_stop_time()) {
          return Broken(row, "a merged order has no open clock");
        }
      }
      for (const ticket::v1::HelperTask& task : row.helper_tasks()) {
        if (!task.has_end_time()) {
          return Broken(row, "a merged order has no open part of a helper");
        }
      }
    }
  }
  if (row.SerializeAsString() != ticket.SerializeAsString()) {
    return Broken(ticket, absl::StrCat("its events give ", row.ShortDebugString()));
  }
  BAIMI_RETURN_IF_ERROR(CheckEnded(ticket));
  absl::MutexLock lock(&mu_);
  events_ += history.events_size();
  for (const ticket::v1::TicketEvent& event : history.events()) {
    Tally(event.fact());
    if (const auto share = ticket::domain::ShareOfFact(ticket, event.fact())) {
      Add(*share);
    }
    for (const ticket::v1::FigureShare& share :
         ticket::domain::HelpSharesOfFact(ticket, event.fact())) {
      Add(share);
    }
  }
  if (const auto share = ticket::domain::ShareOfState(ticket)) {
    Add(*share);
    for (const ticket::v1::FigureShare& change : share->hung_up()) {
      Count(change);
    }
  }
  return absl::OkStatus();
}

void Recount::Tally(const TicketFact& fact) {
  const int32_t day = ticket::domain::FigureDay(absl::FromUnixSeconds(fact.time().seconds()));
  if (day > ticket::domain::FigureDay(kTo)) {
    return;
  }
  const auto one = [](bool yes) { return yes ? 1 : 0; };
  FigureCounts counts;
  counts.set_filed(one(fact.has_filed()));
  counts.set_answered_at_once(one(fact.has_answered()));
  counts.set_returned(one(fact.has_return_requested()));
  if (fact.has_callback_recorded()) {
    const ticket::v1::Callback& callback = fact.callback_recorded().callback();
    counts.set_callbacks(1);
    counts.set_answered_callbacks(one(callback.solved() != ticket::v1::SOLVED_UNSPECIFIED));
    counts.set_solved(one(callback.solved() == ticket::v1::YES));
    counts.set_rated(one(callback.rating() != ticket::v1::RATING_UNSPECIFIED));
  }
  if (fact.bad_rating_moved().bad_rating().stage() == ticket::v1::BAD_RATING_VOIDED) {
    counts.set_rated(-1);
  }
  ticket::domain::AddCounts(counts, 1, &tally_);
}

void Recount::Add(const ticket::v1::FigureShare& share) {
  if (share.day() >= ticket::domain::FigureDay(kFrom)) {
    Count(share);
  }
}

// What is hung up at the end counts since whenever that began.
void Recount::Count(const ticket::v1::FigureShare& share) {
  if (share.day() > ticket::domain::FigureDay(kTo)) {
    return;
  }
  const auto add = [&](FigureGrouping grouping, const std::string& key)
                       ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
                         if (!key.empty() || grouping == ticket::v1::FIGURE_GROUPING_UNSPECIFIED) {
                           ticket::domain::AddCounts(share.counts(), 1, &counts_[grouping][key]);
                         }
                       };
  add(ticket::v1::FIGURE_GROUPING_UNSPECIFIED, "");
  add(ticket::v1::BY_UNIT, share.unit());
  add(ticket::v1::BY_AREA, share.area());
  add(ticket::v1::BY_CATEGORY, share.category());
}

absl::Status Recount::CompareTally(const FigureCounts& told) const {
  const auto numbers = [](const FigureCounts& c) {
    return std::vector<int64_t>{c.filed(),     c.answered_at_once(),   c.returned(),
                                c.callbacks(), c.answered_callbacks(), c.solved(),
                                c.rated()};
  };
  if (numbers(told) == numbers(tally_)) {
    return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat("figures of the county: got ", told.ShortDebugString(),
                                          ", the facts tell ", tally_.ShortDebugString()));
}

absl::Status Recount::Compare(County& county) {
  for (const FigureGrouping grouping :
       {ticket::v1::FIGURE_GROUPING_UNSPECIFIED, ticket::v1::BY_UNIT, ticket::v1::BY_AREA,
        ticket::v1::BY_CATEGORY}) {
    BAIMI_RETURN_IF_ERROR(CompareGrouping(county, grouping));
  }
  return absl::OkStatus();
}

absl::Status Recount::CompareGrouping(County& county, FigureGrouping grouping) {
  ticket::v1::GetFiguresRequest request;
  request.set_parent(absl::StrCat("counties/", county.files().day.county()));
  request.set_from_date(absl::FormatCivilTime(kFrom));
  request.set_to_date(absl::FormatCivilTime(kTo));
  request.set_grouping(grouping);
  BAIMI_ASSIGN_OR_RETURN(const auto told, county.Call(&Stub::GetFigures, request));
  absl::MutexLock lock(&mu_);
  std::map<std::string, FigureCounts> counted = counts_[grouping];
  std::erase_if(counted, [](const auto& one) { return ticket::domain::IsZero(one.second); });
  if (grouping == ticket::v1::FIGURE_GROUPING_UNSPECIFIED && told.figures_size() == 1) {
    BAIMI_RETURN_IF_ERROR(CompareTally(told.figures(0).counts()));
  }
  for (const ticket::v1::Figures& figures : told.figures()) {
    const FigureCounts& want = counted[figures.key()];
    if (figures.counts().SerializeAsString() != want.SerializeAsString()) {
      return absl::InternalError(
          absl::StrCat(ticket::v1::FigureGrouping_Name(grouping), " ", figures.key(), ": got ",
                       figures.counts().ShortDebugString(), ", want ", want.ShortDebugString()));
    }
    ++compared_;
  }
  if (counted.size() != static_cast<size_t>(told.figures_size())) {
    return absl::InternalError(absl::StrCat(ticket::v1::FigureGrouping_Name(grouping), ": got ",
                                            told.figures_size(), " keys, want ", counted.size()));
  }
  return absl::OkStatus();
}

}  // namespace baimi::bench
