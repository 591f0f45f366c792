// 响应率, 解决率, 满意率 and the other figures of domain.md §1.9: what an order and a fact count
// for, and how counts become rates.
//
// What happened once (filed, dispatched, returned, called back) counts by its fact, on the day it
// happened. What may still change (due, answered in time, closed) counts by the order's state, on
// the day its handling clock was due in the end; when the state changes, the share before is taken
// back. What was hung up when follows from the state too: from its REVIEW clocks.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_FIGURES_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_FIGURES_H_

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/events.pb.h"
#include "baimi/ticket/v1/figures.pb.h"
#include "baimi/ticket/v1/resources.pb.h"

namespace baimi::ticket::domain {

// YYYYMMDD; of a time in Shanghai.
int32_t FigureDay(absl::CivilDay day);
int32_t FigureDay(absl::Time time);

// What `fact` of `ticket`, as it is now, counts for by itself; nullopt when for nothing.
std::optional<v1::FigureShare> ShareOfFact(const v1::Ticket& ticket, const v1::TicketFact& fact);

// What `fact` counts for the units that help (R1.7): parts given, results, clocks that ran out.
std::vector<v1::FigureShare> HelpSharesOfFact(const v1::Ticket& ticket, const v1::TicketFact& fact);

// What the order counts for by its state; nullopt when for nothing. It has no counts of its own
// where the order is not dispatched, or its unit is not measured by it (FigureCounts.due), but may
// have been hung up. With what is taken out by an approved exclusion.
std::optional<v1::FigureShare> ShareOfState(const v1::Ticket& ticket);

// Adds `times` the counts of `share`, e.g. -1.
void AddCounts(const v1::FigureCounts& share, int64_t times, v1::FigureCounts* sum);
bool IsZero(const v1::FigureCounts& counts);

// A share with its interval; no percentage when `denominator` is 0. `scale` 100: the numerator is
// in hundredths.
v1::Rate MakeRate(int64_t numerator, int64_t denominator, int scale = 1);

// The weights of §1.9 where the policy has none.
v1::FigurePolicy WeightsOf(const v1::TicketPolicy& policy);
// `excluded` is a part of `counts`.
v1::Figures MakeFigures(absl::string_view key, const v1::FigureCounts& counts,
                        const v1::FigureCounts& excluded, const v1::FigurePolicy& weights);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_FIGURES_H_
