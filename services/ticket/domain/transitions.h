// The life of an order as data: the table of domain.md §1.3 (T1-T18) and the rows that follow from
// the same sources (T19-T27). Every change of state in the service is a row of this table.
//
// Some rules hold from several states and then have several rows with one id: filing goes on to
// PENDING_DISPATCH in the same step, so what §1.3 does with an accepted order (T2, T3, T4) is done
// with a queued one too.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_TRANSITIONS_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_TRANSITIONS_H_

#include <initializer_list>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "baimi/ticket/v1/resources.pb.h"
#include "services/ticket/domain/names.h"

namespace baimi::ticket::domain {

class ClockSet {
 public:
  constexpr ClockSet(std::initializer_list<v1::ClockKind> kinds) {
    for (const v1::ClockKind kind : kinds) {
      bits_ |= 1U << static_cast<unsigned>(kind);
    }
  }
  constexpr bool Contains(v1::ClockKind kind) const {
    return (bits_ & (1U << static_cast<unsigned>(kind))) != 0;
  }
  // In the order of the enum.
  std::vector<v1::ClockKind> kinds() const;
  // This set without `stopped` and with `started`.
  constexpr ClockSet After(ClockSet stopped, ClockSet started) const {
    ClockSet result({});
    result.bits_ = (bits_ & ~stopped.bits_) | started.bits_;
    return result;
  }
  constexpr bool operator==(const ClockSet& other) const { return bits_ == other.bits_; }

 private:
  unsigned bits_ = 0;
};

// Who may take a step, beyond the permission that the pipeline checks. An actor without a unit acts
// for the county platform, and one whose unit is the policy's fallback_unit for the centre.
enum class ActorRule {
  kAnyone,
  // The lead unit of the present designation, or the county platform (R1.7). NOT_THE_LEAD.
  kLead,
  // Not the lead nor a helper, unless they are the centre. UNDERTAKER_MAY_NOT_DECIDE.
  kCentre,
  // Neither lead nor helper, whoever they are (R1.12). UNDERTAKER_MAY_NOT_RECORD.
  kNotUndertaker,
};

struct Transition {
  // "T6"; "T0" makes a draft out of nothing.
  absl::string_view id;
  v1::TicketState from;
  Command command;
  // UNSPECIFIED for a split: the state before the merge.
  v1::TicketState to;
  ClockSet stopped;
  // A split starts the clocks of the state it goes back to.
  ClockSet started;
  ActorRule actor;
  absl::string_view doc;
};

// All rows, by id. (from, command) is unique.
absl::Span<const Transition> Transitions();

// FAILED_PRECONDITION with ILLEGAL_TRANSITION when the table has no such row. The message names the
// state got and the states wanted; metadata: "state", "command", "want".
absl::StatusOr<const Transition*> Find(v1::TicketState from, Command command);

// What the table allows in `state`, in the order of the enum; empty for ARCHIVED.
std::vector<Command> AllowedCommands(v1::TicketState state);

// The clocks that run in `state`, no more and no less: every row of the table keeps to it. But
// CONTACT runs only of an order for which WantsContactClock (clocks.h).
ClockSet OpenClocks(v1::TicketState state);

// The order is over: no clock runs, and only the archive (or, from CLOSED, a reopening) follows.
bool IsFinal(v1::TicketState state);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_TRANSITIONS_H_
