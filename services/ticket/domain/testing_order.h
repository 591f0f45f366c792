// A county, its policy and its people for the tests of the rules: 琼中 as domain.md has it, with
// departments made up.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_TESTING_ORDER_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_TESTING_ORDER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/calendar/calendar.h"
#include "services/ticket/domain/verbs.h"

namespace baimi::ticket::domain {

inline constexpr char kTicketName[] = "counties/469030/tickets/20250926-000001";

// Shanghai time, "2025-09-26 09:30". Fails the test run on a typing error.
absl::Time At(absl::string_view text);
std::string UnitName(absl::string_view id);
std::string AreaName(absl::string_view code);

// deploy/sample/data/holidays.json; tests run in the repository root.
const calendar::Calendar& National();
// Version 3, with the defaults of domain.md §1.5.
v1::TicketPolicy SamplePolicy();
// The same with the ladder of §1.7, problem orders at 3, two urges a day an hour apart, and S2 when
// a target date has passed. The county's levels go to xianfuban.
v1::TicketPolicy SupervisedPolicy();
// SupervisedPolicy where the lead must speak with the caller within 4 working hours.
v1::TicketPolicy ContactPolicy();
// Of `policy` or SamplePolicy() over National().
PolicyInForce InForce(v1::TicketPolicy policy);
const PolicyInForce& SampleInForce();
const PolicyInForce& SupervisedInForce();
v1::Period MakePeriod(v1::PeriodUnit unit, int amount);

// What the registry says about 营北社区: the community and 营根镇, and every department of
// SamplePolicy.
registry::v1::ResolveUnitsResponse SampleResolution();
UnitsAtHand SampleUnits();
registry::v1::Unit MakeUnit(absl::string_view id, absl::string_view display_name,
                            registry::v1::UnitKind kind, std::vector<std::string> duties = {});

// An elevator order of 营北, a HELP by phone; valid as it is.
v1::CreateTicketRequest SampleRequest();
v1::Place SamplePlace();

type::v1::Actor MakeActor(absl::string_view id, absl::string_view unit);

// One order and the time, moved on by the verbs; fails the test when a verb it is told to do fails.
class Order {
 public:
  explicit Order(absl::string_view filed_at, const PolicyInForce& policy = SampleInForce(),
                 const v1::CreateTicketRequest& request = SampleRequest());

  // Does `command` with arguments that are in order, as the county platform.
  Order& Do(Command command);
  Order& Do(const std::vector<Command>& commands);
  // Takes what a verb decided, with what follows for supervision.
  Order& Take(const absl::StatusOr<Decision>& decision);
  // Does what is due.
  Order& Ring();
  Order& Wait(absl::Duration by);
  Order& WaitUntil(absl::string_view time);

  const v1::Ticket& ticket() const { return ticket_; }
  const std::vector<v1::TicketFact>& facts() const { return facts_; }
  absl::Time now() const { return now_; }
  // As an actor of `unit`, "" for the platform.
  Context As(absl::string_view unit);
  Context Now() { return As(""); }

 private:
  const PolicyInForce& policy_;
  absl::Time now_;
  type::v1::Actor actor_;
  v1::Ticket ticket_;
  std::vector<v1::TicketFact> facts_;
};

// The verb of `command` with arguments that are in order. For the commands that have a verb:
// all but file, accept and queue.
absl::StatusOr<Decision> Perform(Command command, const v1::Ticket& ticket, const Context& context);
bool HasVerb(Command command);

// From filing to `state`, one way there. Not for DRAFT and ACCEPTED, which filing passes through.
Order OrderIn(v1::TicketState state);
// Every state but UNSPECIFIED.
std::vector<v1::TicketState> AllStates();
bool PassedThrough(v1::TicketState state);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_TESTING_ORDER_H_
